"""A lock between processes that the system lets go of when its holder is killed.

The locked file may carry a word for others, such as where its holder is reached.
"""

import sys
import time
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_NOTE_AT = 1
"""Windows lets nobody read a locked byte, and the first one is locked there."""


def lock_file(path: Path, *, patience_s: float) -> BinaryIO | None:
    """Lock `path`, made if need be; return the open file, or None if another has it.

    The lock lasts until the file is closed or the process ends, however it ends.

    Raises:
        OSError: the file cannot be made or opened.
    """
    file = path.open("ab")
    give_up = time.monotonic() + patience_s
    while True:
        try:
            _try_lock(file)
        except OSError:
            if time.monotonic() >= give_up:
                file.close()
                return None
            time.sleep(0.02)
        else:
            return file


def write_note(file: BinaryIO, text: str) -> None:
    """Leave `text` in a locked file, in place of what was there.

    Raises:
        OSError: it cannot be written.
    """
    file.truncate(0)
    file.write(b"\n" * _NOTE_AT + text.encode())
    file.flush()


def read_note(path: Path) -> str:
    """Return what the holder of a lock left in it; empty if nothing.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        file.seek(_NOTE_AT)
        return file.read().decode()
