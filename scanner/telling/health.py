"""Whether the service is well, for whoever watches over it."""

import json
from collections.abc import Sequence

from scanner.telling.board import Board
from scanner.telling.pages import Page

DISK_FREE_MIN = 100_000_000
"""With fewer bytes left, somebody must come before scans are not saved any more."""


def health(board: Board, late: Sequence[str], *, disk_free_bytes: int) -> Page:
    """Return the health page: 503 with reasons where somebody must come, else 200.

    A database that is away is no reason: scans are kept meanwhile, and whoever watches
    over it knows.  Nor is one port of several, which may be unplugged on purpose; it
    is named.
    """
    panels = board.panels()
    away = [panel.settings.name for panel in panels if not panel.is_open]
    reasons = [f"the thread '{name}' hangs" for name in late]
    if not board.is_saving:
        reasons.append("the spool cannot be written, scans are not saved")
    if board.is_robbed:
        reasons.append(
            "the log of the spool was taken away before this start, and what was"
            " scanned last may be lost"
        )
    if disk_free_bytes < DISK_FREE_MIN:
        reasons.append(
            f"the disk of the spool is nearly full, {disk_free_bytes // 1_000_000} MB"
            " are left"
        )
    if panels and len(away) == len(panels):
        reasons.append(f"none of {len(panels)} ports is open")
    said = {
        "status": "failing" if reasons else "ok",
        "reasons": reasons,
        "ports_count": len(panels),
        "away": away,
        "house_away": board.house_away,
        "house_away_reason": board.house_away_reason,
        "waiting_count": board.waiting_count(),
        "failed_count": board.failed_count(),
    }
    return Page(json.dumps(said), status=503 if reasons else 200)


def in_a_line(board: Board) -> str:
    """Return the same for a person."""
    panels = board.panels()
    open_count = sum(panel.is_open for panel in panels)
    words = [f"{open_count} of {len(panels)} ports open"]
    if board.house_away:
        why = board.house_away_reason.rstrip(".")
        words.append(f"the database is away ({why})" if why else "the database is away")
    if not board.is_saving:
        words.append("the spool cannot be written, scans are NOT SAVED")
    # How many wait changes with every scan, and is news only when they stay.
    if board.house_away or board.failed_count():
        waiting = board.waiting_count()
        words.append("1 scan waiting" if waiting == 1 else f"{waiting} scans waiting")
        words.append(f"{board.failed_count()} failed")
    return ", ".join(words)
