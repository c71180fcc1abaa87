"""The whole ledger written to files, as it is at one moment."""

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from fsc_logistics.core.database import REVISION
from fsc_logistics.core.exchange.ledger_files import (
    FORMAT,
    MANIFEST,
    TABLE_FILES,
    TableFile,
)
from fsc_logistics.core.exchange.pages import Progress, no_progress, pages
from fsc_logistics.core.proof.checkpoints import heads
from fsc_logistics.domain.errors import FscError, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerExported:
    """What was written."""

    folder: str
    events: int
    devices: int
    rows: int


def export_ledger(
    session: Session, folder: Path, *, at: datetime, progress: Progress = no_progress
) -> LedgerExported:
    """Write the ledger and the register it refers to into a new folder.

    The folder is there when it is whole, and its owner's alone.

    Raises:
        Refused: there is something at `folder` already.
        FscError: it could not be written.
    """
    if folder.exists():
        raise Refused(f"{folder} is there already. Choose another name.")
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(mode=0o700)
        rows = _write_all(session, partial, at, progress)
        partial.rename(folder)
    except OSError as error:
        raise FscError(f"{folder} could not be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return LedgerExported(
        folder=str(folder),
        events=rows["event.csv"],
        devices=rows["device.csv"],
        rows=sum(rows.values()),
    )


def _write_all(
    session: Session, folder: Path, at: datetime, progress: Progress
) -> dict[str, int]:
    total = sum(file.count(session) for file in TABLE_FILES)
    rows: dict[str, int] = {}
    told = {}
    for file in TABLE_FILES:
        before, digest, written = sum(rows.values()), hashlib.sha256(), 0
        with (folder / file.name).open("xb") as stream:
            for lines, block in _blocks(session, file):
                data = block.encode()
                digest.update(data)
                stream.write(data)
                written += lines
                progress(before + written, max(total, before + written))
            stream.flush()
            os.fsync(stream.fileno())
        rows[file.name] = written
        told[file.name] = {"rows": written, "sha256": digest.hexdigest()}
    manifest = {
        "format": FORMAT,
        "revision": REVISION,
        "exported_at": at.isoformat(),
        "stations": [asdict(head) for head in heads(session)],
        "files": told,
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return rows


def _blocks(session: Session, file: TableFile) -> Iterator[tuple[int, str]]:
    """Yield the text of a file, block by block, with the rows in each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(file.header)
    lines = 0
    for page in pages(session, file.query()):
        for row in page:
            writer.writerow(
                cell.text(value) for cell, value in zip(file.cells, row, strict=True)
            )
        lines = len(page)
        yield lines, out.getvalue()
        out.seek(0)
        out.truncate()
    yield 0, out.getvalue()
