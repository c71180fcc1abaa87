"""What keeps `fsc scanner install` from setting up what does harm, or fails."""

import glob
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from fsc_logistics.core.config import Settings
from fsc_logistics.domain.errors import BadInput, Refused

UNREACHED = (
    "FSC_DATABASE",
    "FSC_STATION",
    "FSC_SPOOL",
    "FSC_TIMEZONE",
    "FSC_LANGUAGE",
    "FSC_KEY_FILE",
)
"""Settings of whoever types the command, which the service never sees."""
_SHARED = ("/", "/home", "/root", "/tmp", "/var/tmp", "/var/lib")  # noqa: S108 - refused
"""Folders of many; what is directly in / is of the system too."""
_USER = re.compile(r"[a-z_][a-z0-9_-]*")


def check_user(name: str) -> None:
    """Refuse what cannot be a user, before it stands in a command for root.

    Raises:
        BadInput: it is none.
    """
    if not _USER.fullmatch(name):
        raise BadInput(f"'{name}' is not a user. Name one in one word, such as fsc.")


def check_reaches(database: str | None, variables: Mapping[str, str]) -> None:
    """Refuse settings that are of this call alone.

    Raises:
        Refused: there is one.
    """
    said = ["--database"] if database else []
    said += [name for name in UNREACHED if variables.get(name)]
    if database and "FSC_DATABASE" in said:
        said.remove("--database")
    if said:
        raise Refused(
            f"The service would not see {' and '.join(said)}. Write what is meant into"
            " fsc.toml, and install without."
        )


def written_folders(settings: Settings) -> list[Path]:
    """Return where the service writes: folders that can be its own.

    Raises:
        BadInput: one is the system's, or of everybody.
    """
    written = {"spool": settings.spool}
    if "://" not in settings.database:
        written["database"] = settings.database
    folders = {name: Path(path).resolve().parent for name, path in written.items()}
    for name, folder in folders.items():
        if _is_shared(folder):
            raise BadInput(
                f"The {name} is in {folder}, which is not for this alone, and the"
                " service must own it. Put it in a folder of its own, such as"
                " /var/lib/fsc/"
            )
    return list(dict.fromkeys(folders.values()))


def kept_files(settings: Settings) -> list[Path]:
    """Return the files that are there and that the service reads and writes.

    Whoever made them, the service must own them: a folder of its own is not enough.
    """
    kept = [Path(settings.spool)]
    if "://" not in settings.database:
        kept.append(Path(settings.database))
    # SQLite's own, and the lock, are called after what they belong to.
    found = [
        beside
        for path in kept
        for beside in sorted(path.resolve().parent.glob(f"{glob.escape(path.name)}*"))
        if beside.name.removeprefix(path.name) in ("", "-wal", "-shm", ".lock")
    ]
    return list(dict.fromkeys(found))


def is_closed(path: Path) -> bool:
    """Tell whether a file that is there may not be read by everybody."""
    return path.is_file() and not path.stat().st_mode & stat.S_IROTH


def _is_shared(folder: Path) -> bool:
    if str(folder) in _SHARED or len(folder.parts) <= 2:
        return True
    return folder == Path.home() or str(folder.parent) == "/home"
