"""`fsc scanner install`: what has the system start the service and keep it alive."""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import Form, echo_json, json_option
from fsc_logistics.cli.scanner.install_checks import (
    check_reaches,
    check_user,
    is_closed,
    kept_files,
    written_folders,
)
from fsc_logistics.cli.scanner.live import port_settings
from fsc_logistics.cli.scanner.rules import rules_text
from fsc_logistics.cli.scanner.unit import Unit, unit_text
from fsc_logistics.cli.scanner.windows import windows_steps
from fsc_logistics.core.config import Settings
from fsc_logistics.domain.errors import BadInput, Refused

UNIT = "fsc-scanner.service"
RULES = "70-fsc-scanner.rules"
SYSTEMD = Path("/etc/systemd/system")
UDEV = Path("/etc/udev/rules.d")
SERIAL_GROUP = "dialout"
"""Who may open serial ports on Debian, Ubuntu, Fedora and SUSE."""


AFTERWARDS = """\
A name in /dev/scanner goes with the scanner, one that begins with at- stays with the
socket: a spare one in the same socket needs no new settings. Write either as the url of
its [[port]]. Changed ports are served at once; after other changes of fsc.toml:
   sudo systemctl restart fsc-scanner"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A file, and what became of it."""

    path: Path
    text: str
    state: str
    """new, unchanged, or differs; and written, once it was."""


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write both files here, to look at and copy.  [default: into /etc]",
)
@click.option("--user", default="fsc", show_default=True, help="Who runs the service.")
@click.option("--dry-run", is_flag=True, help="Show the files and write nothing.")
@click.option("--force", is_flag=True, help="Replace files that differ.")
@json_option
@pass_desk
def install(
    desk: Desk, folder: Path | None, user: str, dry_run: bool, force: bool, form: Form
) -> None:
    """Have this machine start the service, keep it alive, and name its scanners.

    Writes a unit for systemd and rules for udev, and says what to do next.
    """
    check_user(user)
    check_reaches(desk.database, os.environ)
    settings = desk.settings
    port_settings(settings)  # What cannot be served need not be started.
    source = _source(settings)
    if os.name == "nt":
        click.echo(windows_steps(_program(), source))
        return
    unit = Unit(
        program=_program(),
        settings=source,
        user=user,
        station=settings.station,
        groups=_groups(settings),
        folders=written_folders(settings),
    )
    files = [
        _planned((folder or SYSTEMD) / UNIT, unit_text(unit)),
        _planned((folder or UDEV) / RULES, rules_text(_vendors(), group=SERIAL_GROUP)),
    ]
    if not dry_run:
        _check_may_replace(files, force)
        files = [_written(file) for file in files]
    if form is Form.JSON:
        echo_json([{"path": str(it.path), "state": it.state} for it in files])
        return
    for file in files:
        click.echo(f"{file.path}: {file.state}")
        if dry_run:
            click.echo(f"{file.text}")
    if not dry_run:
        told = _next_steps(
            unit, files, kept_files(settings), is_in_place=folder is None
        )
        click.echo(told)


def _planned(path: Path, text: str) -> Installed:
    try:
        there = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Installed(path=path, text=text, state="new")
    except (OSError, UnicodeDecodeError):
        return Installed(path=path, text=text, state="differs")
    state = "unchanged" if there == text else "differs"
    return Installed(path=path, text=text, state=state)


def _check_may_replace(files: Sequence[Installed], force: bool) -> None:
    differing = [str(file.path) for file in files if file.state == "differs"]
    if differing and not force:
        raise Refused(
            f"{' and '.join(differing)} {'is' if len(differing) == 1 else 'are'} there"
            f" and {'differs' if len(differing) == 1 else 'differ'}. Look, move what is"
            " yours to where the file says, and replace it with --force."
        )


def _written(file: Installed) -> Installed:
    if file.state == "unchanged":
        return file
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text, encoding="utf-8")
        # Whoever runs systemd and udev must be able to read it, whatever the umask.
        file.path.chmod(0o644)
    except PermissionError:
        raise BadInput(
            f"{file.path} may not be written by you. Run this with sudo, or write the"
            " files to a folder of yours and copy them: --dir DIR"
        ) from None
    except OSError as error:
        raise BadInput(f"{file.path} cannot be written: {error.strerror}.") from None
    return replace(file, state="written")


def _source(settings: Settings) -> Path:
    # There is one: without, there are no ports either.
    return (settings.source or Path("fsc.toml")).resolve()


def _program() -> list[str]:
    beside = Path(sys.executable).with_name("fsc.exe" if os.name == "nt" else "fsc")
    if beside.is_file():
        return [str(beside)]
    return [sys.executable, "-m", "fsc_logistics.cli.main"]


def _groups(settings: Settings) -> list[str]:
    groups = [SERIAL_GROUP]
    if any(port.url.startswith("evdev:") for port in settings.ports):
        groups.append("input")
    if any(port.speaker for port in settings.ports):
        groups.append("audio")
    return groups


def _vendors() -> dict[int, str]:
    from scanner.fitting.usb import ADAPTERS, MAKERS

    makers = {vendor_id: maker.make for vendor_id, maker in MAKERS.items()}
    return makers | dict(ADAPTERS)


def _next_steps(
    unit: Unit, files: Sequence[Installed], kept: Sequence[Path], *, is_in_place: bool
) -> str:
    steps = []
    if not is_in_place:
        steps += [
            (f"put the {what} in their place", f"sudo cp {file.path} {where}/")
            for what, file, where in zip(
                ("words for systemd", "rules for udev"),
                files,
                (SYSTEMD, UDEV),
                strict=True,
            )
        ]
    if not _is_user(unit.user):
        steps.append(
            (
                "make the user the service runs as",
                f"sudo useradd --system --shell /usr/sbin/nologin {unit.user}",
            )
        )
    steps += [
        (
            "let the service read and write there, a folder for this alone",
            shlex.join(["sudo", "chown", f"{unit.user}:", str(folder)]),
        )
        for folder in unit.folders
    ]
    if there := [str(path) for path in kept]:
        steps.append(
            (
                "and what is in there already, whoever made it",
                shlex.join(["sudo", "chown", f"{unit.user}:", *there]),
            )
        )
    if is_closed(unit.settings):
        lent = shlex.join(["sudo", "chgrp", unit.user, str(unit.settings)])
        opened = shlex.join(["sudo", "chmod", "g+r", str(unit.settings)])
        steps.append(
            ("let it read its settings, which not everybody may", f"{lent} && {opened}")
        )
    steps += [
        (
            "give scanners their names, in /dev/scanner",
            "sudo udevadm control --reload && sudo udevadm trigger",
        ),
        ("have systemd read the unit", "sudo systemctl daemon-reload"),
        ("start it, now and at every start", "sudo systemctl enable --now fsc-scanner"),
        ("see how it fares", "systemctl status fsc-scanner"),
        ("read its log", "journalctl -u fsc-scanner -f"),
    ]
    lines = [
        f"{number}. {words}:\n   {command}"
        for number, (words, command) in enumerate(steps, start=1)
    ]
    return "\n".join(["", "What to do next:", *lines, "", AFTERWARDS])


def _is_user(name: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
