"""A lock between processes that the system lets go of when its holder is killed."""

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
