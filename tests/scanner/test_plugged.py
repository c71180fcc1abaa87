"""What is plugged in, on a system that is made up where there is none to be had."""

import tomllib
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from scanner.fitting import plugged
from scanner.fitting.plugged import keyboards, plugged_in, port_block
from scanner.fitting.usb import MAKERS, PortKind, guess
from scanner.protocols import FAMILIES
from scanner.protocols.feedback import PROFILES


@pytest.fixture
def ports(monkeypatch, tmp_path):
    """Let the system tell of these ports, and keep lasting names in `tmp_path`."""
    monkeypatch.setattr(plugged, "BY_ID", str(tmp_path / "by-id"))
    monkeypatch.setattr(plugged, "BY_PATH", str(tmp_path / "by-path"))

    def tell(*told):
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: told)
        return plugged_in()

    return tell


def info(device, **known):
    port = ListPortInfo(str(device))
    for name, value in known.items():
        setattr(port, name, value)
    return port


def link(folder, name, target):
    folder.mkdir(exist_ok=True)
    target.touch()
    (folder / name).symlink_to(target)
    return str(folder / name)


def test_a_scanner_is_known_by_its_maker_and_named_by_what_lasts(ports, tmp_path):
    device = tmp_path / "ttyACM0"
    lasting = link(tmp_path / "by-id", "usb-Honeywell_1950-if00", device)

    (found,) = ports(
        info(device, vid=0x0C2E, pid=0x0B6A, serial_number="S1", product="Xenon 1950")
    )

    assert (found.url, found.device) == (lasting, str(device))
    assert (found.kind, found.make) == (PortKind.SCANNER, "Honeywell")
    assert (found.protocol, found.feedback) == ("line", "honeywell")
    assert (found.vendor_id, found.product_id) == ("0c2e", "0b6a")
    assert found.advice == ""


def test_what_has_no_serial_number_is_named_by_its_socket(ports, tmp_path):
    device = tmp_path / "ttyUSB0"
    link(tmp_path / "by-id", "usb-1a86_USB_Serial-if00-port0", device)
    by_socket = link(tmp_path / "by-path", "pci-0000:00:14.0-usb-0:3:1.0-port0", device)

    (found,) = ports(info(device, vid=0x1A86, pid=0x7523, product="USB Serial"))

    assert found.url == by_socket
    assert (found.kind, found.make, found.protocol) == (
        PortKind.ADAPTER,
        "WCH CH340",
        "",
    )
    assert found.advice == (
        "a serial adapter; what is behind it tells: fsc scanner doctor"
        f" {tmp_path}/ttyUSB0"
    )


def test_windows_has_no_lasting_names_and_needs_none(ports):
    com9, com3 = ports(
        info("COM9", vid=0x05E0, pid=0x1701, description="USB Serial Device (COM9)"),
        info("COM3", description="Communications Port (COM3)"),
    )[::-1]

    assert (com3.url, com3.kind) == ("COM3", PortKind.UNKNOWN)
    assert com3.advice == "listen to it: fsc scanner doctor COM3"
    assert (com9.url, com9.make, com9.feedback) == ("COM9", "Zebra", "bel")


def test_nothing_plugged_in_is_an_empty_list(ports):
    assert ports() == []


def test_a_scanner_that_types_is_found_among_the_keyboards(tmp_path):
    inputs = tmp_path / "sys"
    for name, event, vendor, product in (
        ("usb-Honeywell_Xenon_1900_123-event-kbd", "event3", "0c2e", "0b61"),
        ("usb-Logitech_USB_Keyboard-event-kbd", "event4", "046d", "c31c"),
        ("usb-WCM_USB_Barcode_Reader-event-kbd", "event5", "1a2c", "4c5e"),
        ("usb-Logitech_USB_Mouse-event-mouse", "event6", "046d", "c077"),
    ):
        link(tmp_path / "by-id", name, tmp_path / event)
        identity = inputs / event / "device" / "id"
        identity.mkdir(parents=True)
        (identity / "vendor").write_text(f"{vendor}\n")
        (identity / "product").write_text(f"{product}\n")

    honeywell, other = keyboards(tmp_path / "by-id", inputs)

    assert honeywell.description == "Honeywell Xenon 1900 123"
    assert (honeywell.kind, honeywell.make) == (PortKind.KEYBOARD, "Honeywell")
    assert honeywell.url == (
        f"evdev:{tmp_path}/by-id/usb-Honeywell_Xenon_1900_123-event-kbd"
    )
    assert honeywell.device == str(tmp_path / "event3")
    assert honeywell.advice == (
        "types as a keyboard; set it to COM emulation (USB serial, CDC), as its set-up"
        " sheet says: fsc scanner doctor --sheet honeywell"
    )
    assert (other.description, other.make) == ("WCM USB Barcode Reader", "")
    assert other.vendor_id == "1a2c"


def test_a_system_without_input_devices_has_no_keyboards(tmp_path):
    assert keyboards(tmp_path / "none", tmp_path) == []


def test_a_keyboard_whose_maker_cannot_be_read_is_judged_by_its_name(tmp_path):
    name = "usb-Datalogic_QuickScan-event-kbd"
    link(tmp_path / "by-id", name, tmp_path / "event9")

    (found,) = keyboards(tmp_path / "by-id", tmp_path / "no-sys")

    assert (found.make, found.vendor_id) == ("Datalogic", "")


def test_a_maker_is_also_known_by_what_its_device_calls_itself():
    assert guess(None, None, "CipherLab 1500 Virtual COM").make == "CipherLab"
    assert guess(0x0403, 0x6001, "FT232R USB UART").kind is PortKind.ADAPTER
    assert guess(0x05F9, 0x2206).kind is PortKind.KEYBOARD
    assert guess(None, None, "ttyS0").kind is PortKind.UNKNOWN


@pytest.mark.parametrize(
    "maker", list(dict.fromkeys(MAKERS.values())), ids=lambda maker: maker.make
)
def test_what_is_guessed_can_be_set(maker):
    assert maker.feedback in PROFILES
    assert "line" in FAMILIES


def test_a_port_is_written_as_the_settings_read_it():
    block = port_block("\\\\.\\COM10", "line", "honeywell", 9600)

    assert tomllib.loads(block) == {
        "port": [
            {
                "url": "\\\\.\\COM10",
                "protocol": "line",
                "feedback": "honeywell",
                "read_point": "DOCK-1",
                "baud": 9600,
            }
        ]
    }


def test_no_port_is_left_out_because_the_lasting_names_are_broken(ports, tmp_path):
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id" / "usb-gone").symlink_to(tmp_path / "nowhere")

    (found,) = ports(info(tmp_path / "ttyUSB1", serial_number="S1"))

    assert found.url == str(Path(tmp_path / "ttyUSB1"))
