"""What is plugged in: serial ports and scanners that type, by names that last."""

from dataclasses import dataclass
from pathlib import Path

from scanner.fitting.usb import Guess, PortKind, guess

BY_ID, BY_PATH = "/dev/serial/by-id", "/dev/serial/by-path"
"""Where Linux keeps names that stay when cables change places: of the device itself,
and of the socket it is in."""
KEYBOARDS = Path("/dev/input/by-id")
INPUTS = Path("/sys/class/input")
_KEYBOARD = "-event-kbd"
_SCANNER_WORDS = ("barcode", "bar code", "scanner")

_ADVICE = {
    PortKind.SCANNER: "",
    PortKind.ADAPTER: (
        "a serial adapter; what is behind it tells: fsc scanner doctor {device}"
    ),
    PortKind.KEYBOARD: (
        "types as a keyboard; set it to COM emulation (USB serial, CDC), as its set-up"
        " sheet says: fsc scanner doctor --sheet {sheet}"
    ),
    PortKind.UNKNOWN: "listen to it: fsc scanner doctor {device}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedIn:
    """A serial port of this machine, or a scanner that types."""

    url: str
    """What to write as `url` of a [[port]]: a name that lasts where there is one."""
    device: str
    """What the system calls it just now."""
    description: str
    maker: str
    serial: str
    kind: PortKind = PortKind.UNKNOWN
    make: str = ""
    """Whose it probably is; `maker` is what it says itself."""
    protocol: str = ""
    feedback: str = ""
    sheet: str = ""
    vendor_id: str = ""
    product_id: str = ""
    advice: str = ""


def plugged_in() -> list[PluggedIn]:
    """Return the serial ports of this machine, by device name."""
    from serial.tools.list_ports import comports

    found = []
    for port in sorted(comports(), key=lambda port: str(port.device)):
        texts = (port.manufacturer or "", port.product or "", port.description or "")
        found.append(
            _plugged_in(
                url=_lasting(port.device, has_serial=bool(port.serial_number)),
                device=str(port.device),
                # pyserial says n/a of what is not on USB.
                description="" if port.description == "n/a" else port.description or "",
                maker=port.manufacturer or "",
                serial=port.serial_number or "",
                vendor_id=port.vid,
                product_id=port.pid,
                guessed=guess(port.vid, port.pid, *texts),
            )
        )
    return found


def keyboards(names: Path | None = None, inputs: Path = INPUTS) -> list[PluggedIn]:
    """Return the scanners that are set to type, by name (Linux; elsewhere none).

    A keyboard counts as a scanner by its maker, or if it calls itself one.
    """
    found = []
    names = names or KEYBOARDS
    links = sorted(names.glob(f"*{_KEYBOARD}")) if names.is_dir() else []
    for link in links:
        device = link.resolve()
        identity = inputs / device.name / "device" / "id"
        vendor_id, product_id = _hex(identity / "vendor"), _hex(identity / "product")
        called = link.name.removeprefix("usb-").removesuffix(_KEYBOARD)
        called = called.replace("_", " ")
        guessed = guess(vendor_id, product_id, called)
        named_so = any(word in called.lower() for word in _SCANNER_WORDS)
        if (guessed.make and guessed.kind is not PortKind.ADAPTER) or named_so:
            found.append(
                _plugged_in(
                    url=f"evdev:{link}",
                    device=str(device),
                    description=called,
                    maker="",
                    serial="",
                    vendor_id=vendor_id,
                    product_id=product_id,
                    guessed=Guess(
                        kind=PortKind.KEYBOARD,
                        make=guessed.make,
                        protocol="line",
                        feedback="none",
                        sheet=guessed.sheet or "line",
                    ),
                )
            )
    return found


def port_block(url: str, protocol: str, feedback: str, baud: int | None = None) -> str:
    """Return a [[port]] of fsc.toml; DOCK-1 stands for the place where it stands."""
    lines = [
        "[[port]]",
        f"url = {_quoted(url)}",
        f'protocol = "{protocol or "line"}"',
        f'feedback = "{feedback or "none"}"',
        'read_point = "DOCK-1"',
    ]
    if baud is not None:
        lines.append(f"baud = {baud}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plugged_in(
    *,
    url: str,
    device: str,
    description: str,
    maker: str,
    serial: str,
    vendor_id: int | None,
    product_id: int | None,
    guessed: Guess,
) -> PluggedIn:
    return PluggedIn(
        url=url,
        device=device,
        description=description,
        maker=maker,
        serial=serial,
        kind=guessed.kind,
        make=guessed.make,
        protocol=guessed.protocol,
        feedback=guessed.feedback,
        sheet=guessed.sheet,
        vendor_id="" if vendor_id is None else f"{vendor_id:04x}",
        product_id="" if product_id is None else f"{product_id:04x}",
        advice=_ADVICE[guessed.kind].format(device=device, sheet=guessed.sheet),
    )


def _lasting(device: str, *, has_serial: bool) -> str:
    """Return a lasting name of `device`, or its own where it has none.

    Two devices without a serial number share a name by id, and the one that was plugged
    in last has it; so theirs is that of the socket.
    """
    target = Path(device).resolve()
    folders = (BY_ID, BY_PATH) if has_serial else (BY_PATH, BY_ID)
    for folder in map(Path, folders):
        if folder.is_dir():
            for link in sorted(folder.iterdir()):
                if link.resolve() == target:
                    return str(link)
    return device


def _hex(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"), 16)
    except (OSError, ValueError):
        return None
