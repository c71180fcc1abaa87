"""A service in a process of its own, to be killed: FOLDER DEVICE."""

import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

from scanner.scan import Outcome, Scan, Verdict
from scanner.service import serve
from scanner.settings import PortSettings
from scanner.spool import Spool


def main(folder: Path, device: str) -> None:
    house = folder / "house.db"

    def record(scan: Scan) -> Verdict:
        with closing(sqlite3.connect(house, timeout=10)) as connection, connection:
            connection.execute(
                "INSERT OR IGNORE INTO record (scan_id, seq, port, text, context)"
                " VALUES (?, ?, ?, ?, ?)",
                (scan.scan_id, scan.station_seq, scan.port, scan.text, scan.context),
            )
        return Verdict(Outcome.OK, "recorded")

    port = PortSettings(
        name="P0", url=device, read_point="DOCK-0", feedback="honeywell", gap_s=0.1
    )
    with Spool(folder / "spool.db", station="HORSENS") as spool:
        serve(
            [port],
            spool,
            lambda scans: [record(scan) for scan in scans],
            lambda context, *_: context,
            threading.Event(),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
