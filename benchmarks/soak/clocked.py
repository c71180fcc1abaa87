"""`fsc` by a clock that somebody sets: FILE, with seconds in it, and its arguments.

Only the clock is made up; what runs is the command as it is installed.
"""

import sys
from datetime import datetime, timedelta, tzinfo
from importlib import import_module
from pathlib import Path

CLOCKS = (
    "fsc_logistics.cli.desk",
    "scanner.serving.answers",
    "scanner.telling.board",
    "scanner.reader",
    "scanner.serving.resend",
    "scanner.serving.service",
)
"""The modules that ask what time it is."""


class SetClock(datetime):
    """The time, and what the file says that the clock is wrong by."""

    file: Path

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return what a clock shows that was set."""
        return datetime.now(tz) + timedelta(seconds=float(cls.file.read_text()))


def main() -> None:
    """Run the command by that clock."""
    SetClock.file = Path(sys.argv[1])
    for name in CLOCKS:
        module = import_module(name)
        assert module.datetime is datetime, f"{name} asks for the time in another way"
        module.datetime = SetClock  # type: ignore[attr-defined]
    from fsc_logistics.cli.main import main as fsc

    fsc(sys.argv[2:])


if __name__ == "__main__":
    main()
