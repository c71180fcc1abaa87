"""Files of keys: new, whole, and never over another."""

import os
from contextlib import suppress
from pathlib import Path

from fsc_logistics.domain.errors import Misconfigured


def write_new(file: Path, data: bytes, *, mode: int) -> None:
    """Write a file that was not there, on the disk when this returns; or leave none.

    Raises:
        FileExistsError: it is there already, and was left alone.
        Misconfigured: it cannot be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise
    except OSError as error:
        raise _unwritable(file, error) from None
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        # Half a key is of no use, and would be in the way of the next try.
        with suppress(OSError):
            file.unlink()
        raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError) -> Misconfigured:
    return Misconfigured(f"{file} cannot be written: {error.strerror}.")
