"""How the scanner service is set up on Windows, as text: it has no systemd."""

from collections.abc import Sequence
from pathlib import Path

STOP_MS = 60_000


def windows_steps(program: Sequence[str], settings: Path) -> str:
    """Return what to type to have Windows run the service.

    A program that is not made for it cannot be a Windows service by itself; NSSM
    (nssm.cc, public domain) stands in between, as WinSW (MIT) would.
    """
    run = f'"{program[0]}" {" ".join([*program[1:], "--config"])} "{settings}"'
    return f"""\
Windows runs the service through NSSM (https://nssm.cc), in a prompt of an
administrator:
  nssm install fsc-scanner {run} --no-input scanner run
  nssm set fsc-scanner AppDirectory "{settings.parent}"
  nssm set fsc-scanner AppStopMethodConsole {STOP_MS}
  nssm set fsc-scanner AppExit Default Restart
  nssm set fsc-scanner AppStderr "{settings.with_name("fsc-scanner.log")}"
  nssm start fsc-scanner
Ports are called COM3 and so on; give a scanner a number that stays in the Device
Manager: its properties, Port Settings, Advanced. Changed ports in the settings are
served at once; after other changes: nssm restart fsc-scanner"""
