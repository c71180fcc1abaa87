"""The whole ledger read from files into a new database, and proved to be the same.

Numbers are kept, for rows refer to each other by them.  A device cannot be registered
without being somewhere; so it comes in with one span that says what the event says
which brought it in.  All spans are made anew once every event is there.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, insert, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.checkpoints import heads
from fsc_logistics.core.codes import in_parts
from fsc_logistics.core.database import REVISION, Sessions
from fsc_logistics.core.exchange.ledger_files import (
    FIRST_EVENT,
    FORMAT,
    MANIFEST,
    TABLE_FILES,
    TableFile,
)
from fsc_logistics.core.exchange.pages import Progress, no_progress
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    CustodySpan,
    Device,
    Event,
    ImportProgress,
)
from fsc_logistics.core.verification import rebuild, verify
from fsc_logistics.domain.errors import BadInput, Refused, VerificationFailed

CHUNK_ROWS = 5_000
"""Rows in one transaction: so many are read again after an interruption, at most."""
_KIND = "ledger"
_BLOCK_BYTES = 1 << 20
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
class _Manifest:
    digest: str
    files: Mapping[str, Mapping[str, Any]]
    stations: Sequence[Mapping[str, Any]]


def import_ledger(
    sessions: Sessions,
    folder: Path,
    *,
    now: datetime,
    progress: Progress = no_progress,
) -> LedgerImported:
    """Read an exported ledger into a database that holds none, and prove it.

    An interrupted import of the same files goes on where it stopped.

    Raises:
        BadInput: the folder holds no ledger this program can read.
        Refused: the database holds something already.
        VerificationFailed: a file was changed, or what came in does not fit together.
    """
    manifest = _read_manifest(folder)
    _check_files(folder, manifest)
    after = _rows_done(sessions, manifest)
    _take_in(sessions, folder, manifest, after=after, now=now, progress=progress)
    with sessions.begin() as session:
        rebuild(session)
        _set_sequences(session)
    return _proved(sessions, manifest, after=after, now=now)


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        said = json.loads(data)
        manifest = _Manifest(
            digest=hashlib.sha256(data).hexdigest(),
            files={file.name: dict(said["files"][file.name]) for file in TABLE_FILES},
            stations=list(said["stations"]),
        )
        form, revision = said["format"], said["revision"]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{path} is not that of an exported ledger.") from None
    if form != FORMAT or revision != REVISION:
        raise BadInput(
            f"The ledger in {folder} was exported at revision {revision} and this fsc"
            f" needs {REVISION}. Export it with the same fsc that imports it."
        )
    return manifest


def _check_files(folder: Path, manifest: _Manifest) -> None:
    """Check that every file is the one the export wrote, before anything is read."""
    for file in TABLE_FILES:
        digest = hashlib.sha256()
        try:
            with (folder / file.name).open("rb") as stream:
                while block := stream.read(_BLOCK_BYTES):
                    digest.update(block)
        except OSError as error:
            raise BadInput(
                f"{folder / file.name} cannot be read: {error.strerror}."
            ) from error
        if digest.hexdigest() != manifest.files[file.name]["sha256"]:
            raise VerificationFailed(
                f"{folder / file.name} is not the file that was exported. Nothing was"
                " imported; export the ledger again."
            )


def _rows_done(sessions: Sessions, manifest: _Manifest) -> int:
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
        for file in TABLE_FILES:
            if session.scalar(select(literal(1)).select_from(file.table).limit(1)):
                raise Refused(
                    "The database is not empty, and a ledger keeps its numbers. Make a"
                    " new one: fsc --database PATH db upgrade"
                )
    return 0


def _take_in(
    sessions: Sessions,
    folder: Path,
    manifest: _Manifest,
    *,
    after: int,
    now: datetime,
    progress: Progress,
) -> None:
    total = sum(said["rows"] for said in manifest.files.values())
    done = 0
    for file in TABLE_FILES:
        there = manifest.files[file.name]["rows"]
        skipped = min(max(after - done, 0), there)
        rows = islice(_rows(folder, file), skipped, None)
        done += skipped
        while chunk := list(islice(rows, CHUNK_ROWS)):
            done += len(chunk)
            try:
                with sessions.begin() as session:
                    _insert(session, file, chunk)
                    _note_progress(session, manifest, done, now)
            except IntegrityError:
                # Without the cause: it quotes a row.
                raise VerificationFailed(
                    f"{file.name} does not fit the other files: the database refuses"
                    " its rows. Export the ledger again, into a new database."
                ) from None
            progress(done, total)


def _rows(folder: Path, file: TableFile) -> Iterator[dict[str, Any]]:
    with (folder / file.name).open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            if next(reader, None) != file.header:
                raise ValueError("other columns")
            for row in reader:
                yield {
                    cell.name: cell.value(text)
                    for cell, text in zip(file.cells, row, strict=True)
                }
        except (ValueError, KeyError, csv.Error):
            raise VerificationFailed(
                f"{file.name}, line {reader.line_num}: it is no row of such a file."
                " Export the ledger again."
            ) from None


def _insert(session: Session, file: TableFile, rows: list[dict[str, Any]]) -> None:
    if file.table is not Device:
        session.connection().execute(insert(file.rows()), rows)
        return
    begun = {row["id"]: row.pop(FIRST_EVENT) for row in rows}
    session.connection().execute(insert(Device), rows)
    _begin_custody(session, begun)


def _begin_custody(session: Session, begun: Mapping[int, int]) -> None:
    """Put devices where the event that brought each in says, until all is there."""
    events: dict[int, Any] = {}
    for part in in_parts(set(begun.values())):
        found = select(
            Event.id, Event.event_time, Event.custodian_id, Event.location_id
        ).where(Event.id.in_(part))
        events.update((event.id, event) for event in session.execute(found))
    if lacking := set(begun.values()) - set(events):
        raise VerificationFailed(
            f"device.csv names event {min(lacking)}, which event.csv lacks. Export the"
            " ledger again."
        )
    session.connection().execute(
        insert(CustodySpan),
        [
            {
                "device_id": device,
                "valid_from": events[event].event_time,
                "valid_to": OPEN_ENDED,
                "prev_to": None,
                "event_id": event,
                "custodian_id": events[event].custodian_id,
                "location_id": events[event].location_id,
            }
            for device, event in begun.items()
        ],
    )


def _note_progress(
    session: Session, manifest: _Manifest, done: int, now: datetime
) -> None:
    row = session.get(ImportProgress, (_KIND, manifest.digest))
    if row is None:
        row = ImportProgress(
            kind=_KIND, digest=manifest.digest, lines_done=done, began_at=now
        )
        session.add(row)
    row.lines_done = done


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
    sessions: Sessions, manifest: _Manifest, *, after: int, now: datetime
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
