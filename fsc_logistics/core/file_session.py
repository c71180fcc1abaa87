"""Units of work on a SQLite file."""

import sqlalchemy as sa

from fsc_logistics.core.driver_session import DriverSession
from fsc_logistics.core.spare import Spare

_READ, _WRITE = "BEGIN", "BEGIN IMMEDIATE"
_ASIDE = {
    _READ: "PRAGMA temp_store = DEFAULT",
    _WRITE: "PRAGMA temp_store = MEMORY",
}
"""What a savepoint may have to undo is then kept in memory; else a file is made for it,
for each scan.  Who reads may sort more than memory should hold."""
_PUT_ASIDE = "fsc_put_aside"
"""Where a connection notes which of these it was told last."""


class FileSession(DriverSession):
    """A session on a SQLite file."""

    def __init__(
        self, engine: sa.Engine, spare: Spare, *, reads_only: bool = False
    ) -> None:
        """Work on the file of `engine`; who only reads never waits for a writer."""
        begin = _READ if reads_only else _WRITE
        super().__init__(engine, begin, reads_only=reads_only, spare=spare)

    def _is_begun(self) -> bool:
        begun: bool = self._driver.in_transaction
        return begun

    def _start(self) -> None:
        self._set_aside()
        super()._start()

    def _set_aside(self) -> None:
        assert self._pooled is not None
        noted = self._pooled.info
        if noted.get(_PUT_ASIDE) != self._begin:
            # As a script: such a setting counts when it is compiled, and the driver
            # would compile it once.
            self._driver.executescript(_ASIDE[self._begin])
            noted[_PUT_ASIDE] = self._begin
