"""A service in a process of its own, to be killed: FOLDER DEVICE [PROTOCOL].

A house that is handed HANG leaves a file `hangs` and never answers.
"""

import signal
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

from scanner.journal.spool import Spool
from scanner.scan import Outcome, Scan, Verdict
from scanner.serving.service import serve
from scanner.settings import PortSettings, Timing


def main(folder: Path, device: str, protocol: str = "line") -> None:
    house = folder / "house.db"

    def record(scan: Scan) -> Verdict:
        if scan.text == "HANG":
            (folder / "hangs").touch()
            threading.Event().wait()
        with closing(sqlite3.connect(house, timeout=10)) as connection, connection:
            connection.execute(
                "INSERT OR IGNORE INTO record (scan_id, seq, port, text, context)"
                " VALUES (?, ?, ?, ?, ?)",
                (scan.scan_id, scan.station_seq, scan.port, scan.text, scan.context),
            )
        return Verdict(Outcome.OK, "recorded")

    port = PortSettings(
        name="P0",
        url=device,
        read_point="DOCK-0",
        protocol=protocol,
        feedback="honeywell" if protocol == "line" else None,
        gap_s=0.1,
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with Spool(folder / "spool.db", station="HORSENS") as spool:
        serve(
            [port],
            spool,
            lambda scans: [record(scan) for scan in scans],
            lambda context, *_: context,
            stop,
            timing=Timing(hang_s=2),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
