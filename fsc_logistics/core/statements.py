"""Statements that are run very often: compiled once, sent by the driver itself.

A session finds out anew, for each statement, what it is and how to bind and read its
values; where a scan or a question is a dozen short statements, that is most of the time
it takes.  The few that every scan and every `who` needs are therefore kept ready.  They
run in the session's own transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import ReferenceType, ref

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session, SessionTransaction

from fsc_logistics.core.driver_session import DriverSession


class Statement:
    """One statement, made when it is first needed and compiled once for each engine.

    Values go in and come out as the driver has them: moments are whole microseconds
    since 1970, and on SQLite yes and no are 1 and 0.  What is bound in the expression
    itself must be text or numbers.
    """

    def __init__(self, make: Callable[[], sa.ClauseElement], *columns: str) -> None:
        """`columns` are those a bare INSERT gets values for."""
        self._make = make
        self._columns = columns
        self._ready: dict[str, tuple[str, dict[str, Any]]] = {}

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        row: tuple[Any, ...] | None = self._run(session, values).fetchone()
        return row

    def all(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Return all rows."""
        rows: list[tuple[Any, ...]] = self._run(session, values).fetchall()
        return rows

    def run(self, session: Session, **values: Any) -> None:
        """Run it for what it does."""
        self._run(session, values)

    def many(self, session: Session, rows: Sequence[dict[str, Any]]) -> None:
        """Run it once for each of `rows`."""
        if len(rows) == 1:
            self._run(session, rows[0])
        elif rows:
            self._run(session, *rows)

    def _run(self, session: Session, *rows: dict[str, Any]) -> Any:
        kept: _Kept | None = session.info.get(_KEPT)
        if kept is None or not kept.is_alone(session):
            # What is only in the session so far must be there for the statement too.
            if session.in_transaction():
                session.flush()
            kept = _kept(session)
        sender, dialect = kept.sender, kept.dialect
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = self._compiled(dialect)
        text, constants = ready
        bound = [{**constants, **row} for row in rows] if constants else rows
        try:
            if len(bound) == 1:
                return sender.execute(text, bound[0])
            return sender.executemany(text, bound)
        except dialect.loaded_dbapi.Error as error:
            raise exc.DBAPIError.instance(
                text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True
            ) from error

    def _compiled(self, dialect: sa.Dialect) -> tuple[str, dict[str, Any]]:
        if dialect.name == "sqlite":
            # By name, a value that stands in it several times is bound once.
            dialect = sqlite.dialect(paramstyle="named")
        compiled = self._make().compile(
            dialect=dialect, column_keys=self._columns or None
        )
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        constants = {
            name: value
            for name, value in compiled.params.items()
            if value is not None and name not in self._columns
        }
        return compiled.string, constants


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Undo what follows where it raises; the unit of work goes on.

    As `session.begin_nested`, at a tenth of what that takes: the session does not
    remember what it had loaded, but forgets it all where something is undone.

    Raises:
        PendingRollbackError: the engine refused what the session flushed.  The session
            has then ended the transaction, and with it what came before.
    """
    kept = _kept(session)
    _send(session, kept, "SAVEPOINT attempt")
    try:
        yield
        session.flush()
        _check_goes_on(session, kept)
    except BaseException as error:
        session.expunge_all()
        session.info.pop(_KEPT, None)
        if not isinstance(error, exc.SQLAlchemyError):
            # Whoever is told of it would go on, in no transaction at all.
            _check_goes_on(session, kept, error)
        # Where it cannot be undone the connection is gone, and with it all of it.
        with suppress(exc.DBAPIError, kept.dialect.loaded_dbapi.Error):
            _send(session, kept, "ROLLBACK TO SAVEPOINT attempt")
            _send(session, kept, "RELEASE SAVEPOINT attempt")
        raise
    _send(session, kept, "RELEASE SAVEPOINT attempt")


def _send(session: Session, kept: "_Kept", statement: str) -> None:
    if isinstance(session, DriverSession):
        session.send(statement)
    else:
        kept.sender.execute(statement)


def _check_goes_on(
    session: Session, kept: "_Kept", because: BaseException | None = None
) -> None:
    if not kept.goes_on(session):
        raise exc.PendingRollbackError(
            "What was attempted ended the unit of work; all of it is undone."
        ) from because


def remembered(session: Session) -> dict[Any, Any]:
    """Return what this transaction remembers; empty at its start and after an undoing.

    For what it has found, that nobody can change while it runs, and that it would ask
    for again and again: the number of a tag, of a station it has locked.
    """
    return _kept(session).remembered


def has_one_writer(session: Session) -> bool:
    """Return whether nobody else can write until `session` has ended its transaction.

    So it is on SQLite; a server locks rows, and those only that are named.
    """
    return _kept(session).dialect.name == "sqlite"


def is_alone(session: Session) -> bool:
    """Return whether all was written by statements kept ready, and no one else can.

    So what none of them writes may be remembered too: a place, who keeps it.
    """
    return has_one_writer(session) and _kept(session).is_alone(session)


@dataclass(slots=True)
class _Kept:
    """What is kept of the transaction that a session is in."""

    dialect: sa.Dialect
    sender: Any
    """Who sends: the driver's connection, or where to make a cursor takes long, one."""
    begun: object
    """What the driver has begun for a `DriverSession`; None for others."""
    transaction: ReferenceType[SessionTransaction] | None
    """The session's innermost; of a `DriverSession` only a savepoint, else None.

    Weakly: it knows the session, which knows this.  Such a circle would leave every
    unit of work to the garbage collector, which took longer over it than the unit.
    """
    remembered: dict[Any, Any] = field(default_factory=dict)

    def is_alone(self, session: Session) -> bool:
        """Return whether `session` is in that transaction, and asked nothing itself."""
        return (
            self.transaction is None
            and isinstance(session, DriverSession)
            and session.is_alone_in(self.begun)
        )

    def goes_on(self, session: Session) -> bool:
        """Return whether `session` is in that transaction still."""
        if self.is_alone(session):
            return True
        if isinstance(session, DriverSession):
            if not session.in_transaction() or not session.is_in(self.begun):
                return False
        elif self.transaction is None:
            return False
        now = _innermost(session)
        if now is None or not now.is_active:
            return False
        if self.transaction is None:
            return session.get_nested_transaction() is None
        return self.transaction() is now


def _kept(session: Session) -> _Kept:
    kept: _Kept | None = session.info.get(_KEPT)
    if kept is None or not kept.goes_on(session):
        kept = session.info[_KEPT] = _begun(session)
    return kept


def _begun(session: Session) -> _Kept:
    if isinstance(session, DriverSession) and not session.in_transaction():
        sender = _sender(session.dialect, session.driver())
        return _Kept(session.dialect, sender, session.begun, None)
    connection = session.connection()
    sender = _sender(connection.dialect, connection.connection.driver_connection)
    begun, now = None, _innermost(session)
    if isinstance(session, DriverSession):
        begun, now = session.begun, session.get_nested_transaction()
    transaction = None if now is None else ref(now)
    return _Kept(connection.dialect, sender, begun, transaction)


def _sender(dialect: sa.Dialect, driver: Any) -> Any:
    return driver if dialect.name == "sqlite" else driver.cursor()


def _innermost(session: Session) -> SessionTransaction | None:
    # A savepoint is another transaction, and is set when it is first asked for.
    return session.get_nested_transaction() or session.get_transaction()


_KEPT = "fsc_kept"
