"""The manifest of an exported ledger: which files there are, and their hashes."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsc_logistics.core.database import REVISION
from fsc_logistics.core.exchange.ledger_files import (
    FORMAT,
    MANIFEST,
    SAME_SINCE,
    TableFile,
    files_at,
)
from fsc_logistics.domain.errors import BadInput

_BLOCK_BYTES = 1 << 20
_SHA_256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the manifest says of a file."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an export says of its files."""

    digest: str
    """SHA-256 of the manifest itself."""
    tables: Sequence[TableFile]
    """In the order they are read; older exports have no exceptions."""
    files: Mapping[str, Said]
    stations: Sequence[Mapping[str, Any]]

    @property
    def row_count(self) -> int:
        """How many rows all files have together."""
        return sum(said.rows for said in self.files.values())


def read_manifest(folder: Path) -> Manifest:
    """Return what the manifest in `folder` says.

    Raises:
        BadInput: there is none that this program can read.
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
        said = json.loads(data)
        form, revision = said["format"], str(said["revision"])
        tables = files_at(revision)
        manifest = Manifest(
            digest=hashlib.sha256(data).hexdigest(),
            tables=tables,
            files={file.name: _said_of(said["files"][file.name]) for file in tables},
            stations=list(said["stations"]),
        )
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(f"{path} is not that of an exported ledger.") from None
    if form != FORMAT:
        raise BadInput(
            f"The ledger in {folder} is not written in the form that this fsc reads,"
            f" which is number {FORMAT}. Export it with the same fsc that imports it."
        )
    if not SAME_SINCE <= revision <= REVISION:
        raise BadInput(
            f"The ledger in {folder} was exported at revision {revision} and this fsc"
            f" needs {REVISION}. Export it with the same fsc that imports it."
        )
    return manifest


def _said_of(file: Any) -> Said:
    rows, digest = file["rows"], file["sha256"]
    if type(rows) is not int or rows < 0 or not _SHA_256.fullmatch(digest):
        raise ValueError("neither a count nor a hash")
    return Said(rows=rows, sha256=digest)


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return which files are not those that the export wrote.

    Raises:
        BadInput: a file cannot be read.
    """
    changed = []
    for file in manifest.tables:
        digest = hashlib.sha256()
        try:
            with (folder / file.name).open("rb") as stream:
                while block := stream.read(_BLOCK_BYTES):
                    digest.update(block)
        except OSError as error:
            raise BadInput(
                f"{folder / file.name} cannot be read: {error.strerror}."
            ) from error
        if digest.hexdigest() != manifest.files[file.name].sha256:
            changed.append(file.name)
    return changed
