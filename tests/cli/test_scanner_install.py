"""What has the system start the service: written, checked, never trodden on."""

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fsc_logistics.cli.scanner.rules import rules_text
from fsc_logistics.cli.scanner.unit import WATCHDOG_S, Unit, unit_text
from fsc_logistics.cli.scanner.windows import windows_steps
from scanner.fitting.usb import MAKERS
from scanner.settings import DEFAULT_TIMING

UNIT, RULES = "fsc-scanner.service", "70-fsc-scanner.rules"


@pytest.fixture
def settled(folder):
    """Write settings for one port."""
    (folder / "fsc.toml").write_text(
        'database = "fsc.db"\nstation = "HORSENS"\nspool = "spool/s.db"\n'
        '[[port]]\nurl = "/dev/scanner/x"\nread_point = "DOCK"\n'
    )
    return folder


def options(text):
    """Return what a unit says, section by section; a name may stand several times."""
    read = configparser.RawConfigParser(strict=False, delimiters="=")
    read.optionxform = str
    read.read_string(text)
    return read


def test_both_files_are_written_and_what_to_do_next_is_said(settled, fsc):
    told = fsc("scanner", "install", "--dir", "out")

    unit = options((settled / "out" / UNIT).read_text())
    lines = told.out.splitlines()
    assert told.code == 0
    assert lines[:2] == [f"out/{UNIT}: written", f"out/{RULES}: written"]
    commands = [line.strip() for line in lines if line.startswith("   ")]
    assert commands == [
        f"sudo cp out/{UNIT} /etc/systemd/system/",
        f"sudo cp out/{RULES} /etc/udev/rules.d/",
        "sudo useradd --system --shell /usr/sbin/nologin fsc",
        f"sudo chown fsc: {settled}/spool",
        f"sudo chown fsc: {settled}",
        "sudo udevadm control --reload && sudo udevadm trigger",
        "sudo systemctl daemon-reload",
        "sudo systemctl enable --now fsc-scanner",
        "systemctl status fsc-scanner",
        "journalctl -u fsc-scanner -f",
        "sudo systemctl restart fsc-scanner",
    ]
    service = unit["Service"]
    assert service["ExecStart"].endswith(
        f'/fsc" "--config" "{settled}/fsc.toml" "--no-input" "scanner" "run"'
    )
    assert service["ReadWritePaths"] == f'"{settled}/spool" "{settled}"'
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    assert unit["Unit"]["Description"] == "Scanners of station HORSENS"


def test_what_somebody_else_has_made_is_handed_to_the_service(settled, fsc):
    (settled / "spool").mkdir()
    made = ["fsc.db", "fsc.db-wal", "spool/s.db", "spool/s.db.lock"]
    for name in [*made, "fsc.db.bak", "notes.txt", "spool/s.db2"]:
        (settled / name).touch()
    (settled / "fsc.toml").chmod(0o640)

    told = fsc("scanner", "install", "--dir", "out").out

    owned = " ".join(f"{settled}/{name}" for name in (*made[2:], *made[:2]))
    steps = [line.strip() for line in told.splitlines()]
    assert f"sudo chown fsc: {owned}" in steps
    assert (
        f"sudo chgrp fsc {settled}/fsc.toml && sudo chmod g+r {settled}/fsc.toml"
        in steps
    )


def test_the_program_that_the_unit_starts_is_there(settled, fsc):
    fsc("scanner", "install", "--dir", "out")

    start = options((settled / "out" / UNIT).read_text())["Service"]["ExecStart"]
    assert Path(start.split('"')[1]).is_file()


def test_again_changes_nothing_and_a_file_that_differs_is_not_trodden_on(settled, fsc):
    fsc("scanner", "install", "--dir", "out")
    again = fsc("scanner", "install", "--dir", "out", "--json")
    (settled / "out" / UNIT).write_text("mine")
    (settled / "out" / RULES).unlink()
    refused = fsc("scanner", "install", "--dir", "out")
    there = sorted(path.name for path in (settled / "out").iterdir())
    forced = fsc("scanner", "install", "--dir", "out", "--force", "--json")

    assert [row["state"] for row in json.loads(again.out)] == ["unchanged"] * 2
    assert refused.code == 4
    assert refused.err == (
        f"Error: out/{UNIT} is there and differs. Look, move what is yours to"
        " where the file says, and replace it with --force.\n"
    )
    assert there == [UNIT]
    assert [row["state"] for row in json.loads(forced.out)] == ["written"] * 2
    assert (settled / "out" / UNIT).read_text() != "mine"


def test_two_files_that_differ_are_both_named(settled, fsc):
    fsc("scanner", "install", "--dir", "out")
    for name in (UNIT, RULES):
        (settled / "out" / name).write_text("mine")

    refused = fsc("scanner", "install", "--dir", "out")

    assert refused.err == (
        f"Error: out/{UNIT} and out/{RULES} are there and differ. Look, move what is"
        " yours to where the file says, and replace it with --force.\n"
    )


def test_a_user_is_one_word(settled, fsc):
    told = fsc("scanner", "install", "--dir", "out", "--user", "no body")

    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "Error: 'no body' is not a user. Name one in one word, such as fsc.\n"
    )


def test_a_dry_run_shows_the_files_and_writes_none(settled, fsc):
    told = fsc("scanner", "install", "--dir", "out", "--dry-run")

    assert f"out/{UNIT}: new\n# Written by" in told.out
    assert f"out/{RULES}: new\n# Written by" in told.out
    assert not (settled / "out").exists()


def test_settings_that_cannot_be_served_are_not_installed(folder, fsc):
    (folder / "fsc.toml").write_text('database = "fsc.db"\n')

    told = fsc("scanner", "install", "--dir", "out")

    assert told.code == 1
    assert told.err == (
        "Error: fsc.toml names no port to serve. Add a [[port]] with url, read_point"
        " and feedback; fsc scanner ports lists what is plugged in.\n"
    )


def test_a_folder_that_cannot_be_written_is_told(settled, fsc):
    (settled / "out").write_text("a file")

    told = fsc("scanner", "install", "--dir", "out/sub")

    assert told.code == 1
    assert told.err == f"Error: out/sub/{UNIT} cannot be written: Not a directory.\n"


@pytest.mark.parametrize("folder_of_many", ["/", "/etc", "/tmp", "/var/lib", "/home/a"])
@pytest.mark.parametrize("name", ["spool", "database"])
def test_a_folder_of_many_is_not_given_to_the_service(
    settled, fsc, folder_of_many, name
):
    own = {"spool": "spool/s.db", "database": "fsc.db"}
    text = (settled / "fsc.toml").read_text()
    where = f"{folder_of_many.rstrip('/')}/x.db"
    (settled / "fsc.toml").write_text(text.replace(own[name], where))

    told = fsc("scanner", "install", "--dir", "out")

    assert told.code == 1
    assert told.err == (
        f"Error: The {name} is in {folder_of_many}, which is not for this alone, and"
        " the service must own it. Put it in a folder of its own, such as"
        " /var/lib/fsc/\n"
    )
    assert not (settled / "out").exists()


@pytest.mark.parametrize("user", ["fsc;reboot", "Fsc", "-R", "$(id)"])
def test_a_user_that_a_shell_would_read_otherwise_is_refused(settled, fsc, user):
    told = fsc("scanner", "install", "--dir", "out", f"--user={user}")

    assert told.code == 1
    assert told.err == (
        f"Error: '{user}' is not a user. Name one in one word, such as fsc.\n"
    )


def test_settings_of_this_call_alone_are_not_installed(settled, fsc, monkeypatch):
    option = fsc("--database", "mine.db", "scanner", "install", "--dir", "out")
    monkeypatch.setenv("FSC_STATION", "MINE")
    monkeypatch.setenv("FSC_SPOOL", "mine.db")
    variables = fsc("scanner", "install", "--dir", "out")

    assert (option.code, variables.code) == (4, 4)
    assert option.err == (
        "Error: The service would not see --database. Write what is meant into"
        " fsc.toml, and install without.\n"
    )
    assert variables.err == (
        "Error: The service would not see FSC_STATION and FSC_SPOOL. Write what is"
        " meant into fsc.toml, and install without.\n"
    )
    assert not (settled / "out").exists()


# ---- the unit


def unit(**changed):
    said = {
        "program": ["/opt/fsc/bin/fsc"],
        "settings": Path("/srv/50 % off/fsc.toml"),
        "user": "fsc",
        "station": "HORSENS",
        "groups": ["dialout"],
        "folders": [Path("/srv/50 % off")],
    }
    return Unit(**said | changed)


def test_a_path_with_spaces_and_signs_is_one_word(tmp_path):
    service = options(unit_text(unit()))["Service"]

    assert service["ExecStart"] == (
        '"/opt/fsc/bin/fsc" "--config" "/srv/50 %% off/fsc.toml" "--no-input"'
        ' "scanner" "run"'
    )
    assert service["ReadWritePaths"] == '"/srv/50 %% off"'


def test_systemd_waits_for_longer_than_the_service_takes_to_finish():
    service = options(unit_text(unit()))["Service"]

    assert int(service["TimeoutStopSec"]) > 4 * DEFAULT_TIMING.finish_s
    assert int(service["WatchdogSec"]) == WATCHDOG_S > DEFAULT_TIMING.finish_s


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd")
def test_systemd_finds_nothing_wrong_with_the_unit(settled, fsc):
    fsc("scanner", "install", "--dir", "out")

    verified = subprocess.run(
        ["systemd-analyze", "verify", settled / "out" / UNIT],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stderr) == (0, "")


# ---- the rules

RULE = re.compile(
    r"(?:(?:[A-Z_]+(?:\{\w+\})?)(?:==|!=|=|\+=)\"[^\"]*\"(?:, (?:\\\n    )?|\n|$))+"
)


def test_the_rules_are_rules_and_know_every_maker():
    text = rules_text({it: m.make for it, m in MAKERS.items()}, group="dialout")
    said = "".join(
        f"{line}\n" for line in text.splitlines() if line and not line.startswith("#")
    )

    assert RULE.fullmatch(said)
    assert set(re.findall(r'GOTO="(\w+)"', said)) == set(
        re.findall(r'LABEL="(\w+)"', said)
    )
    assert {int(it, 16) for it in re.findall(r'idVendor}=="(\w{4})"', said)} == set(
        MAKERS
    )
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in said
    assert said.index("ID_MM_DEVICE_IGNORE") < said.index("ID_MM_PORT_IGNORE")


@pytest.mark.skipif(not shutil.which("udevadm"), reason="there is no udev")
def test_udev_finds_nothing_wrong_with_the_rules(settled, fsc):
    fsc("scanner", "install", "--dir", "out")

    verified = subprocess.run(
        ["udevadm", "verify", settled / "out" / RULES],
        capture_output=True,
        text=True,
        check=False,
    )

    # Before version 254 udevadm could not verify.
    assert verified.returncode == 0 or "Unknown command" in verified.stderr


# ---- Windows


def test_on_windows_it_is_said_how_a_service_is_made():
    told = windows_steps([r"C:\fsc\fsc.exe"], Path(r"C:\data dir\fsc.toml"))

    assert (
        r'nssm install fsc-scanner "C:\fsc\fsc.exe" --config "C:\data dir\fsc.toml"'
        " --no-input scanner run" in told
    )
    assert "nssm set fsc-scanner AppStopMethodConsole 60000" in told
