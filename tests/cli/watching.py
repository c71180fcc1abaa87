"""A service's state as it tells it, made up."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fsc_logistics.cli.watch.state import read_state
from fsc_logistics.cli.watch.view import Habits

NOW = datetime(2026, 11, 24, 9, 30, 12, tzinfo=UTC)
IDLE = timedelta(minutes=10)
MOVED = {
    "say": "held_by",
    "device": "OXI-000007",
    "model": "OXI-NONIN-3150",
    "before": "DEPOT @ H-B-03",
    "after": "ANNA @ VAN-ANNA",
}


def ago(seconds):
    return (NOW - timedelta(seconds=seconds)).isoformat()


def scan(outcome, message="", seconds=3, *, late=False, **facts):
    return {
        "scan_id": "0",
        "moment": ago(seconds),
        "outcome": outcome,
        "message": message,
        "facts": facts,
        "is_late": late,
    }


def port(
    *last,
    name="DOCK-1",
    follows="",
    counts=None,
    is_open=True,
    used_s=5,
    **context,
):
    """Return a port at which `context` was set and `last` was scanned."""
    return {
        "name": name,
        "read_point": name,
        "set_at": follows or name,
        "is_open": is_open,
        "error": "" if is_open else "it is gone",
        "noise_count": 0,
        "context": json.dumps({"used_at": ago(used_s), **context}),
        "counts": counts or {},
        "counts_since": ago(480) if counts else None,
        "last": list(last),
    }


def told(*ports, **changed):
    """Return the page, as the service shows it."""
    return {
        "station": "HORSENS",
        "started_at": ago(9999),
        "now": NOW.isoformat(),
        "is_saving": True,
        "house_away": False,
        "waiting_count": 0,
        "failed_count": 0,
        "ports": list(ports),
    } | changed


def state(*ports, **changed):
    return read_state(told(*ports, **changed))


def habits(language="en", port=None):
    return Habits(
        language=language, timezone=ZoneInfo("Europe/Copenhagen"), idle=IDLE, port=port
    )


def texts(items):
    """Return what items say, the most important first."""
    ranked = sorted(items, key=lambda item: item.rank)
    return [item.text.replace("\u00a0", " ") for item in ranked if item.text]
