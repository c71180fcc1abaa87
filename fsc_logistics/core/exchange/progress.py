"""How far the import of a file has come: one row, which one import holds at a time."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fsc_logistics.core.tables import ImportProgress


def progress_of(
    session: Session, kind: str, digest: str, *, lock: bool = False
) -> ImportProgress | None:
    """Return how far a file has come, or None where nobody began with it."""
    return session.get(ImportProgress, (kind, digest), with_for_update=lock)


def claimed(
    session: Session,
    kind: str,
    digest: str,
    *,
    lines_done: int,
    began_at: datetime,
) -> ImportProgress:
    """Return how far a file has come, and keep others from it until the commit.

    Where nobody began with it, it has come to `lines_done`.
    """
    row = progress_of(session, kind, digest, lock=True)
    if row is not None:
        return row
    is_server = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_server else sqlite.insert
    # Two may begin at once: the second waits here, and finds the row of the first.
    session.execute(
        insert(ImportProgress)
        .values(kind=kind, digest=digest, lines_done=lines_done, began_at=began_at)
        .on_conflict_do_nothing()
    )
    return session.get_one(ImportProgress, (kind, digest), with_for_update=True)
