"""Settings that change under a running service, and what it shows and logs."""

import json
import os
import signal
import socket
import urllib.request
from contextlib import closing

import pytest

from fsc_logistics.cli.desk import Desk
from fsc_logistics.cli.scanner.live import LiveSettings, followed_ports
from fsc_logistics.core.config import load_settings
from scanner.journal.status import read_address
from scanner.playing.simulate import SimulatedScanner
from scanner.scan import Outcome


@pytest.fixture
def gun(folder):
    with SimulatedScanner(
        folder / "tty-gun", feedback="honeywell", answer_timeout_s=30
    ) as scanner:
        yield scanner


@pytest.fixture
def other(folder):
    with SimulatedScanner(
        folder / "tty-other", feedback="honeywell", answer_timeout_s=30
    ) as scanner:
        yield scanner


@pytest.fixture
def settle(folder, centre):
    """Write the settings, as an editor does: all at once, under the same name."""

    def write(*ports, more=""):
        said = [f'database = "{centre}"', 'station = "DOCK"', more]
        for scanner, name in ports:
            said += [
                "[[port]]",
                f'url = "{scanner.device}"',
                f'name = "{name}"',
                'feedback = "honeywell"',
                'read_point = "HORSENS"',
            ]
        (folder / "new.toml").write_text("\n".join(said))
        (folder / "new.toml").rename(folder / "fsc.toml")

    return write


def told(service, words):
    return [line for line in service.err.splitlines() if words in line]


def without_date(line):
    return line.split(" ", 2)[2]


def test_a_port_added_to_the_settings_is_served_without_a_restart(
    settle, gun, other, started, wait_until
):
    settle((gun, "A"))
    service = started("scanner", "run")
    assert gun.send("OXI-000001").outcome is Outcome.LOOKED

    settle((gun, "A"), (other, "B"))

    assert other.send("OXI-000001").outcome is Outcome.LOOKED
    assert gun.send("%C:OK").outcome is Outcome.SET
    wait_until(lambda: told(service, "as they are set now"))
    assert [without_date(line) for line in told(service, "INFO the ports")] == [
        "INFO the ports are as they are set now: A, B"
    ]
    assert service.stop().code == 0


def test_a_port_taken_out_of_the_settings_is_in_no_status_while_the_service_runs(
    settle, gun, other, started, fsc, wait_until
):
    settle((gun, "A"), (other, "B"))
    service = started("scanner", "run")
    assert other.send("OXI-000001").outcome is Outcome.LOOKED

    def ports():
        told = json.loads(fsc("scanner", "status", "--json").out)
        return [port["port"] for port in told["ports"]]

    assert ports() == ["A", "B"]
    settle((gun, "A"))
    wait_until(lambda: ports() == ["A"])
    service.stop()
    assert ports() == ["A", "B"]


def test_a_file_that_cannot_be_used_is_told_once_and_changes_nothing(
    settle, gun, folder, started, wait_until
):
    settle((gun, "A"))
    service = started("scanner", "run")
    gun.wait_for_listener()

    settle((gun, "A"), more="idle_s = [")
    wait_until(lambda: told(service, "stay as they were"))
    heard = gun.send("OXI-000001").outcome
    wait_until(lambda: len(service.out.splitlines()) == 1)
    (line,) = told(service, "stay as they were")

    assert heard is Outcome.LOOKED
    assert without_date(line).startswith(
        "ERROR the settings stay as they were: fsc.toml cannot be read: "
    )


def test_what_counts_from_the_next_start_on_is_told(settle, gun, started, wait_until):
    settle((gun, "A"))
    service = started("scanner", "run")
    gun.wait_for_listener()

    settle((gun, "A"), more='idle_s = 60\nspool = "other.db"')
    wait_until(lambda: told(service, "next start"))

    (line,) = told(service, "next start")
    assert without_date(line) == (
        "WARNING fsc.toml: changed, and used from the next start of the service on:"
        " spool, idle_s"
    )


def test_a_portal_that_leads_to_no_place_is_told_when_it_is_set(
    settle, gun, folder, started, wait_until
):
    settle((gun, "A"))
    service = started("scanner", "run")
    gun.wait_for_listener()

    settle(
        (gun, "A"),
        more=f'[[port]]\nurl = "{folder}/gate"\nread_point = "GATE"\n'
        'protocol = "a0-2"\nportal_antennas = [1, 2]\n'
        'inside = "HORSENS"\noutside = "NOPE"\n',
    )
    wait_until(lambda: told(service, "no such place"))

    (line,) = told(service, "the portal")
    assert without_date(line) == (
        "WARNING the portal GATE leads to NOPE, and there is no such place: what goes"
        " through it waits. Mend inside or outside of its [[port]]"
    )


def test_a_hangup_signal_has_the_settings_read_again(settle, gun, started, wait_until):
    settle((gun, "A"))
    service = started("scanner", "run")
    gun.wait_for_listener()

    os.kill(service.pid, signal.SIGHUP)

    wait_until(lambda: told(service, "as they are set now: A"))
    assert gun.send("OXI-000001").outcome is Outcome.LOOKED


def test_the_pages_are_where_they_are_set_to_be(
    settle, gun, folder, started, wait_until
):
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        number = free.getsockname()[1]
    settle((gun, "A"), more=f'[scanner]\nlisten = "127.0.0.1:{number}"')
    started("scanner", "run")
    gun.send("OXI-000001")

    address = read_address(folder / "scanner-spool.db")
    with urllib.request.urlopen(f"{address}/state", timeout=30) as page:  # noqa: S310
        state = json.load(page)

    assert address == f"http://127.0.0.1:{number}"
    assert state["ports"][0]["counts"] == {"looked": 1}


def test_an_address_that_is_taken_is_told_before_anybody_scans(settle, gun, started):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        number = taken.getsockname()[1]
        settle((gun, "A"), more=f'[scanner]\nlisten = "127.0.0.1:{number}"')
        ended = started("scanner", "run").wait()

    assert ended.code == 1
    assert ended.err.splitlines()[-1] == (
        f"Error: fsc.toml: Nothing can listen at 127.0.0.1:{number}: Address already in"
        " use. Set listen in [scanner], or leave it out."
    )


def test_an_address_of_other_machines_is_refused(settle, gun, started):
    settle((gun, "A"), more='[scanner]\nlisten = "0.0.0.0:9464"')

    ended = started("scanner", "run").wait()

    assert ended.code == 1
    assert ended.err.splitlines()[-1] == (
        "Error: fsc.toml: '0.0.0.0:9464' is not an address of this machine alone. Write"
        " it as 127.0.0.1:9464; a proxy can show it to others."
    )


def test_a_log_of_objects_names_scans_and_holds_no_payload(
    settle, gun, folder, started, wait_until
):
    settle((gun, "A"), more='[scanner]\nlog = "json"')
    service = started("scanner", "run")
    gun.send("0201609995")
    gun.send("OXI-000001")
    gun.unplug()
    wait_until(lambda: told(service, "is away"))
    ended = service.stop()

    scans = [json.loads(line) for line in ended.out.splitlines()]
    logged = [json.loads(line) for line in ended.err.splitlines()[1:]]
    assert [set(scan) for scan in scans] == [
        {"time", "level", "event", "station", "port", "scan_id", "outcome"}
    ] * 2
    assert [(scan["port"], scan["outcome"]) for scan in scans] == [
        ("A", "unknown"),
        ("A", "looked"),
    ]
    assert scans[0]["time"].endswith("+00:00")
    (away,) = (line for line in logged if "is away" in line["message"])
    assert (away["level"], away["station"]) == ("warning", "DOCK")
    assert "0201609995" not in ended.out + ended.err


def test_who_scans_a_recalled_device_stops_until_he_says_ok(
    settle, gun, centre, fsc, started
):
    raised = fsc(
        *("--database", centre, "flag", "raise", "recalled", "OXI-000001"),
        *("--why", "Battery."),
    )
    settle((gun, "A"))
    started("scanner", "run")

    heard = [
        gun.send(text).outcome
        for text in [
            *("%C:MODE:OUT", "%P:CIT-1", "OXI-000001", "OXI-000002"),
            *("%C:OK", "OXI-000002"),
        ]
    ]

    assert raised.code == 0
    assert heard == [
        *(Outcome.SET, Outcome.SET, Outcome.REFUSED, Outcome.REFUSED),
        *(Outcome.SET, Outcome.OK),
    ]


def test_ports_that_cannot_be_served_change_no_other_setting(folder, settle, gun):
    settle((gun, "A"))
    live = LiveSettings(Desk())
    before = live.current
    text = (folder / "fsc.toml").read_text()
    (folder / "fsc.toml").write_text(text + '\nframing = "9X9"\n')

    live.read_again()

    assert live.changed_ports() is None
    assert live.current is before


def test_a_port_that_follows_another_is_one_place_of_work_with_it(tmp_path):
    path = tmp_path / "fsc.toml"
    path.write_text(
        'database = "fsc.db"\nstation = "DOCK"\n'
        '[[port]]\nname = "DESK"\nurl = "/dev/ttyUSB0"\nread_point = "HORSENS"\n'
        'feedback = "none"\n'
        '[[port]]\nname = "TAGS"\nurl = "/dev/ttyUSB1"\nread_point = "TABLE"\n'
        'feedback = "none"\nprotocol = "r200"\nfollows = "DESK"\n'
    )

    assert followed_ports(load_settings(str(path), None, {})) == {"TAGS": "DESK"}
