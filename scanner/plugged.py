"""What is plugged in: the serial ports of this machine, by names that last."""

from dataclasses import dataclass
from pathlib import Path

LASTING = ("/dev/serial/by-id", "/dev/serial/by-path")
"""Where Linux keeps names that stay when cables change places, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedIn:
    """A serial port of this machine."""

    url: str
    """What to write as `url` of a [[port]]: a name that lasts where there is one."""
    device: str
    """What the system calls it just now."""
    description: str
    maker: str
    serial: str


def plugged_in() -> list[PluggedIn]:
    """Return the serial ports of this machine, by device name."""
    from serial.tools.list_ports import comports

    return [
        PluggedIn(
            url=_lasting(port.device),
            device=port.device,
            description=port.description or "",
            maker=port.manufacturer or "",
            serial=port.serial_number or "",
        )
        for port in sorted(comports(), key=lambda port: str(port.device))
    ]


def _lasting(device: str) -> str:
    """Return a lasting name of `device`, or its own where it has none."""
    target = Path(device).resolve()
    for folder in map(Path, LASTING):
        if folder.is_dir():
            for link in sorted(folder.iterdir()):
                if link.resolve() == target:
                    return str(link)
    return device
