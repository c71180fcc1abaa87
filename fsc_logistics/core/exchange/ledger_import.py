"""The whole ledger read from files into a new database, and proved to be the same.

Numbers are kept, for rows refer to each other by them.  All spans are made anew once
every event is there.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.database import Sessions
from fsc_logistics.core.exchange.csv_files import Fault
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.ledger_files import MANIFEST, TABLE_FILES
from fsc_logistics.core.exchange.ledger_insert import insert_rows
from fsc_logistics.core.exchange.ledger_manifest import (
    Manifest,
    changed_files,
    read_manifest,
)
from fsc_logistics.core.exchange.ledger_rows import rows_in
from fsc_logistics.core.exchange.ledger_trial import BadLedger, look_through
from fsc_logistics.core.exchange.pages import Progress, no_progress
from fsc_logistics.core.exchange.progress import claimed
from fsc_logistics.core.proof.checkpoints import heads
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.tables import Device, Event, ImportProgress
from fsc_logistics.domain.errors import Refused, TryLater, VerificationFailed

CHUNK_ROWS = 5_000
"""Rows in one transaction: so many are read again after an interruption, at most."""
_KIND = "ledger"
_SHOWN_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerImported:
    """What came in, proved to be what was exported."""

    events: int
    devices: int
    spans: int
    went_on_after: int
    """Rows that an interrupted import had brought in before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTried:
    """What would come in."""

    events: int
    devices: int
    rows_left: int
    """Without those that an interrupted import has brought in."""


def import_ledger(
    sessions: Sessions,
    folder: Path,
    *,
    faults: Faults,
    now: datetime,
    progress: Progress = no_progress,
) -> LedgerImported:
    """Read an exported ledger into a database that holds none, and prove it.

    Its files are looked through before, and `faults` are written.  An interrupted
    import of the same files goes on where it stopped.

    Raises:
        BadInput: the folder holds no ledger this program can read.
        BadLedger: files were changed, or do not fit together.
        Refused: the database holds something already.
        TryLater: somebody else imports the same ledger.
        VerificationFailed: what came in is not the ledger that was exported.
    """
    manifest = read_manifest(folder)
    after = _rows_done(sessions, manifest)
    total = manifest.row_count
    _look_through(
        folder,
        manifest,
        faults,
        lambda done, _: progress(done, 2 * total),
        begun=after > 0,
    )
    _take_in(
        sessions,
        folder,
        manifest,
        after=after,
        now=now,
        progress=lambda done, _: progress(total + done, 2 * total),
    )
    with sessions.begin() as session:
        rebuild(session)
        _set_sequences(session)
    return _proved(sessions, manifest, after=after, now=now)


def try_ledger(
    sessions: Sessions,
    folder: Path,
    *,
    faults: Faults,
    progress: Progress = no_progress,
) -> LedgerTried:
    """Look an exported ledger through as `import_ledger` would, and write no row.

    Raises:
        BadInput, BadLedger, Refused: as `import_ledger`.
    """
    manifest = read_manifest(folder)
    after = _rows_done(sessions, manifest)
    _look_through(folder, manifest, faults, progress)
    events, devices = (
        manifest.files[f"{table.__tablename__}.csv"].rows for table in (Event, Device)
    )
    return LedgerTried(
        events=events, devices=devices, rows_left=manifest.row_count - after
    )


def _look_through(
    folder: Path,
    manifest: Manifest,
    faults: Faults,
    progress: Progress,
    *,
    begun: bool = False,
) -> None:
    """Write what is wrong with the files; where an import has `begun`, they were right.

    Raises:
        BadInput: a file cannot be read.
        BadLedger: something is wrong.
    """
    for name in changed_files(folder, manifest):
        text = f"It is not the file that was exported: {MANIFEST} has another hash."
        faults.add(Fault(file=name, line=1, column=None, text=text))
    if faults.count or not begun:
        look_through(folder, manifest, faults, progress)
    faults.write()
    if faults.count:
        raise BadLedger(folder, faults)


def _rows_done(sessions: Sessions, manifest: Manifest) -> int:
    """Return how many rows an interrupted import has brought in.

    Raises:
        Refused: the database holds something else, or all of it already.
    """
    with sessions.read() as session:
        row = session.get(ImportProgress, (_KIND, manifest.digest))
        if row is not None and row.finished_at is not None:
            raise Refused(
                f"This ledger was imported on {row.finished_at:%Y-%m-%d %H:%M} UTC;"
                " nothing is left to do."
            )
        if row is not None:
            return row.lines_done
        _check_empty(session)
    return 0


def _check_empty(session: Session) -> None:
    for file in TABLE_FILES:
        if session.scalar(select(literal(1)).select_from(file.table).limit(1)):
            raise Refused(
                "The database is not empty, and a ledger keeps its numbers. Make a"
                " new one: fsc --database PATH db upgrade"
            )


def _take_in(
    sessions: Sessions,
    folder: Path,
    manifest: Manifest,
    *,
    after: int,
    now: datetime,
    progress: Progress,
) -> None:
    total, done = manifest.row_count, 0
    for file in manifest.tables:
        there = manifest.files[file.name].rows
        skipped = min(max(after - done, 0), there)
        rows = islice(rows_in(folder, file, there, _changed_meanwhile), skipped, None)
        done += skipped
        while chunk := [row.values for row in islice(rows, CHUNK_ROWS)]:
            try:
                with sessions.begin() as session:
                    row = _claimed(session, manifest, done, now)
                    insert_rows(session, file, chunk)
                    row.lines_done += len(chunk)
            except IntegrityError:
                # Without the cause: it quotes a row.
                raise VerificationFailed(
                    f"The database refuses rows of {file.name}: something else came in"
                    " meanwhile. Import the ledger into a new one."
                ) from None
            done += len(chunk)
            progress(done, total)


def _changed_meanwhile(fault: Fault) -> None:
    raise VerificationFailed(
        f"{fault} It was right a moment ago. Import the ledger into a new database."
    )


def _claimed(
    session: Session, manifest: Manifest, done: int, now: datetime
) -> ImportProgress:
    """Return how far the ledger has come, and keep others from it until the commit.

    Raises:
        Refused: something else came into the database meanwhile.
        TryLater: another attempt has come further meanwhile.
    """
    row = claimed(session, _KIND, manifest.digest, lines_done=0, began_at=now)
    if row.lines_done != done:
        raise TryLater(
            "Somebody else is importing the same ledger just now. Wait until that is"
            " done."
        )
    if done == 0:
        _check_empty(session)
    return row


def _set_sequences(session: Session) -> None:
    """Let the next row of each table get a number that is free; SQLite does anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for file in TABLE_FILES:
        column = sa.inspect(file.table).columns.get("id")
        if column is not None:
            sequence = func.pg_get_serial_sequence(file.table.__tablename__, "id")
            # Without rows the first number is still to be given.
            next_number = func.coalesce(func.max(column), 0) + 1
            session.execute(select(func.setval(sequence, next_number, False)))


def _proved(
    sessions: Sessions, manifest: Manifest, *, after: int, now: datetime
) -> LedgerImported:
    with sessions.read() as session:
        found = verify(session)
        mismatches = list(found.mismatches)
        if [asdict(head) for head in heads(session)] != list(manifest.stations):
            mismatches.append("the stations' last events are not those of the export")
    if mismatches:
        shown = "; ".join(mismatches[:_SHOWN_MAX])
        more = len(mismatches) - _SHOWN_MAX
        raise VerificationFailed(
            f"What was imported does not fit together: {shown}"
            f"{f'; and {more} more' if more > 0 else ''}. Do not use this database."
        )
    with sessions.begin() as session:
        row = session.get(ImportProgress, (_KIND, manifest.digest))
        if row is not None:
            row.finished_at = now
    return LedgerImported(
        events=found.events,
        devices=found.devices,
        spans=found.spans,
        went_on_after=after,
    )
