"""`fsc scanner ports` and `fsc scanner doctor`, as one meets them."""

import fcntl
import json
import tomllib

import pypdfium2
import pytest
from serial.tools.list_ports_common import ListPortInfo

from scanner.fitting import plugged
from scanner.fitting.self_test import EXPECTED
from scanner.playing.simulate import SimulatedScanner
from scanner.protocols import FAMILIES

NO_GS = EXPECTED.replace(b"\x1d", b"")
VOICES = sorted(FAMILIES["line"].voices - {"none"})
HEARD = "5D 64 32 30 31"


@pytest.fixture
def gun(folder):
    with SimulatedScanner(
        folder / "tty-gun", feedback="honeywell", answer_timeout_s=30
    ) as scanner:
        yield scanner


@pytest.fixture
def settle(folder, gun):
    """Write the settings of a station with the gun at HORSENS."""

    def write(database, **changed):
        port = {"url": gun.device, "feedback": "honeywell", "read_point": "HORSENS"}
        said = [f'database = "{database}"', 'station = "DOCK"', "[[port]]"]
        said += [f'{name} = "{value}"' for name, value in (port | changed).items()]
        (folder / "fsc.toml").write_text("\n".join(said))

    return write


@pytest.fixture
def examined(gun, started):
    """Have the doctor listen while `data` is scanned; return what was told."""

    def examine(data, *arguments):
        doctor = started("scanner", "doctor", *arguments)
        gun.wait_for_listener()
        gun.emit(data)
        return doctor.wait()

    return examine


def test_a_healthy_scanner_is_told_what_to_write(gun, examined):
    told = examined(EXPECTED + b"\r", gun.device)

    assert told.code == 0
    assert told.out == (
        'ok    One code came whole, as protocol "line" has it.\n'
        "ok    The self-test symbol came back byte for byte.\n"
        "\n"
        "In fsc.toml, with the place where it stands as read_point:\n"
        "\n"
        "[[port]]\n"
        f'url = "{gun.device}"\n'
        'protocol = "line"\n'
        'feedback = "none"\n'
        'read_point = "DOCK-1"\n'
        "\n"
        'With feedback "none" nobody hears what became of a scan. Name what the scanner'
        f" obeys, if it does: {', '.join(VOICES)}.\n"
    )
    assert told.err.splitlines() == [
        f"Listening at {gun.device}, 9600 baud. Scan the self-test symbol of the set-up"
        " sheet, or anything; Ctrl-C ends it.",
        "What is scanned is shown here and kept nowhere. Scan no health card.",
        EXPECTED.hex(" ").upper() + " 0D",
        "]d2010950600013435210ABC<GS>21SN1<CR>",
    ]


def test_a_symbol_that_came_back_byte_for_byte_is_ok_to_a_program_too(gun, examined):
    told = examined(EXPECTED + b"\r", gun.device, "--json")

    assert json.loads(told.out)["self_test"] == "ok"


def test_a_sick_scanner_ends_with_6_and_its_json_holds_no_code(gun, examined):
    told = examined(NO_GS + b"\r", gun.device, "--json")

    report = json.loads(told.out)
    assert told.code == 6
    assert told.err.splitlines()[-1] == (
        f"Error: {gun.device}: one thing must be set right."
    )
    assert HEARD in told.err
    assert "ABC" not in told.out
    assert report["self_test"] == "no_gs"
    assert (report["protocol"], report["baud"], report["framing"]) == (
        "line",
        9600,
        "8N1",
    )
    assert report["findings"][1]["kind"] == "self_test"
    assert report["findings"][1]["finding"] == (
        "The self-test symbol came back without GS: byte 25 should be 1D."
    )
    assert tomllib.loads(report["toml"])["port"][0]["url"] == gun.device


def test_a_port_is_examined_under_its_name_as_the_settings_have_it(
    centre, settle, examined
):
    settle(centre, framing="7E1")

    told = examined(EXPECTED + b"\r", "HORSENS", "--json")

    report = json.loads(told.out)
    assert [one["kind"] for one in report["findings"] if one["is_wrong"]] == ["parity"]
    assert report["feedback"] == "honeywell"


def test_whoever_stands_there_is_told_what_to_hear(centre, settle, examined):
    settle(centre)

    told = examined(EXPECTED + b"\r", "HORSENS")

    assert told.out.endswith(
        "\nAfter each code it should give: one middle tone, green.\n"
        "If it beeps before that, by itself, switch off its good-read beep; the beep"
        " must come from here.\n"
    )


def test_the_sheet_of_what_was_found_is_written_where_it_is_asked_for(
    centre, settle, folder, examined
):
    settle(centre)

    told = examined(EXPECTED + b"\r", "HORSENS", "-o", "gun.pdf", "--json")

    assert json.loads(told.out)["sheet"] == "gun.pdf"
    with pypdfium2.PdfDocument(folder / "gun.pdf") as document:
        text = document[0].get_textpage().get_text_range()
    assert "Honeywell" in text
    assert "tty-gun" in "".join(text.split())


def test_a_flood_is_shown_in_part(gun, examined):
    told = examined(b"A" * 300, gun.device)

    assert "… and 44 more" in told.err


def test_a_port_that_the_service_has_is_left_to_it(
    centre, settle, gun, fsc, started, wait_until
):
    settle(centre)
    started("scanner", "run")
    gun.wait_for_listener()
    wait_until(lambda: '"is_open": true' in fsc("scanner", "status", "--json").out)

    by_name, by_device = (
        fsc("scanner", "doctor", port) for port in ("HORSENS", gun.device)
    )

    assert (by_name.code, by_name.out) == (4, "")
    assert by_name.err == (
        "Error: The scanner service has HORSENS, as HORSENS. Stop it while you look,"
        " or take that [[port]] out: fsc scanner status shows it.\n"
    )
    assert by_device.err.startswith(f"Error: The scanner service has {gun.device}, as")


def test_a_port_that_another_program_has_is_not_listened_to(gun, fsc):
    with open(gun.device, "rb+", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        told = fsc("scanner", "doctor", gun.device)

    assert told.code == 1
    assert told.err.splitlines()[-1].startswith(
        f"Error: {gun.device} cannot be listened to: another program has it."
        " End the program that has it open."
    )


def test_ctrl_c_ends_it_with_what_was_found_so_far(gun, started, wait_until):
    doctor = started("scanner", "doctor", gun.device, "--listen", "600", "--json")
    gun.wait_for_listener()
    gun.emit(b"OXI-000007\r")
    wait_until(lambda: "OXI-000007<CR>" in doctor.err)

    doctor.interrupt()
    told = doctor.wait()

    assert told.code == 0
    assert json.loads(told.out)["codes_count"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ([], 2, "Error: Name a PORT to listen to, or a --sheet to print."),
        (
            ["/dev/tty-none"],
            1,
            "Error: /dev/tty-none cannot be listened to: No such file or directory. Is"
            " it plugged in? fsc scanner ports lists what is.",
        ),
        (
            ["NOPE"],
            1,
            "Error: NOPE is neither a device nor the name of a [[port]] of fsc.toml."
            " fsc scanner ports lists what is plugged in.",
        ),
        (
            ["smoke://hill"],
            1,
            "Error: smoke://hill cannot be a port: invalid URL, protocol 'smoke' not"
            " known.",
        ),
        (
            ["--sheet", "abacus"],
            1,
            "Error: There is no set-up sheet for 'abacus'. Choose one of: line,"
            " honeywell, zebra, ssi, datalogic, metrologic, psc, cipherlab, rdm6300,"
            " r200, a0, chafon, llrp.",
        ),
        (
            ["--sheet", "line", "--language", "fr"],
            1,
            "Error: There is no paper in 'fr'. Choose one of: da, en.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_line(fsc, arguments, code, error):
    told = fsc("scanner", "doctor", *arguments)

    assert (told.code, told.out) == (code, "")
    assert told.err.splitlines()[-1] == error


def test_a_name_that_nothing_has_is_told_before_anybody_scans(fsc):
    assert "Listening" not in fsc("scanner", "doctor", "NOPE").err


def test_a_protocol_that_nobody_speaks_is_answered_with_those_there_are(fsc):
    told = fsc("scanner", "doctor", "/dev/any", "--protocol", "morse")

    assert told.code == 1
    assert told.err.startswith(
        "Error: 'morse' is not a protocol. Choose from: line, ssi, rdm6300,"
    )


def test_the_sheet_is_written_where_it_was_asked_for(fsc, folder):
    plain = fsc("scanner", "doctor", "--sheet", "honeywell", "-o", "one.pdf")
    as_json = fsc("scanner", "doctor", "--sheet", "r200", "--json")

    assert (plain.code, plain.out) == (0, "one.pdf\n")
    assert json.loads(as_json.out) == {"sheet": "set-up.pdf"}
    assert (folder / "one.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "set-up.pdf").is_file()


# What is plugged in


@pytest.fixture
def ports(monkeypatch, tmp_path):
    """Let this machine have a Honeywell scanner, an adapter and one that types."""
    honeywell, adapter = ListPortInfo("/dev/ttyACM7"), ListPortInfo("/dev/ttyUSB7")
    honeywell.vid, honeywell.pid, honeywell.product = 0x0C2E, 0x0B6A, "Xenon 1950"
    honeywell.manufacturer, honeywell.serial_number = "Honeywell", "S1"
    honeywell.description = "Xenon 1950"
    adapter.vid, adapter.pid, adapter.description = 0x1A86, 0x7523, "USB Serial"
    monkeypatch.setattr(
        "serial.tools.list_ports.comports", lambda: [honeywell, adapter]
    )
    names = tmp_path / "by-id"
    names.mkdir()
    (names / "usb-Datalogic_QuickScan-event-kbd").symlink_to(tmp_path / "event3")
    monkeypatch.setattr(plugged, "KEYBOARDS", names)
    return names


def test_ports_are_listed_with_what_they_probably_are(fsc, ports):
    told = fsc("scanner", "ports")

    assert told.out.splitlines()[1:3] == [
        "/dev/ttyACM7".ljust(len(told.out.splitlines()[0].partition("kind")[0]))
        + "scanner   Honeywell  line      honeywell",
        "/dev/ttyUSB7".ljust(len(told.out.splitlines()[0].partition("kind")[0]))
        + "adapter   WCH CH340",
    ]
    assert told.err.splitlines() == [
        "USB Serial: a serial adapter; what is behind it tells: fsc scanner doctor"
        " /dev/ttyUSB7.",
        "Datalogic QuickScan: types as a keyboard; set it to COM emulation (USB serial,"
        " CDC), as its set-up sheet says: fsc scanner doctor --sheet datalogic.",
    ]


def test_the_json_of_a_port_has_what_it_had_and_what_is_guessed(fsc, ports):
    first, _, typing = json.loads(fsc("scanner", "ports", "--json").out)

    assert first == {
        "url": "/dev/ttyACM7",
        "device": "/dev/ttyACM7",
        "description": "Xenon 1950",
        "maker": "Honeywell",
        "serial": "S1",
        "kind": "scanner",
        "make": "Honeywell",
        "protocol": "line",
        "feedback": "honeywell",
        "sheet": "honeywell",
        "vendor_id": "0c2e",
        "product_id": "0b6a",
        "advice": "",
    }
    assert typing["kind"] == "keyboard"
    assert typing["url"] == f"evdev:{ports}/usb-Datalogic_QuickScan-event-kbd"


def test_the_blocks_for_the_settings_are_read_back_and_leave_out_keyboards(fsc, ports):
    told = fsc("scanner", "ports", "--toml")

    assert [port["url"] for port in tomllib.loads(told.out)["port"]] == [
        "/dev/ttyACM7",
        "/dev/ttyUSB7",
    ]


def test_a_machine_without_ports_says_so(fsc, ports, monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    (ports / "usb-Datalogic_QuickScan-event-kbd").unlink()

    assert fsc("scanner", "ports").err == "No serial port is plugged in.\n"
    assert fsc("scanner", "ports", "--json").out == "[]\n"
    assert fsc("scanner", "ports", "--toml").out == ""
