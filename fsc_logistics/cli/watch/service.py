"""The running service, asked for its state over the loopback."""

import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from fsc_logistics.cli.watch.state import ServiceState, read_state

ANSWER_S = 2.0
"""A service on this machine that takes longer hangs, and shows nothing true."""
_BYTES_MAX = 5_000_000


def ask_state(find_address: Callable[[], str | None]) -> ServiceState | None:
    """Return the state of the service, or None where none answers.

    `find_address` says where it listens, anew each time: after a restart that is
    elsewhere.
    """
    address = find_address()
    if address is None:
        return None
    where = urlsplit(address)
    # Not through urllib, which would ask a proxy where the environment names one.
    connection = HTTPConnection(
        where.hostname or "", where.port or 80, timeout=ANSWER_S
    )
    try:
        connection.request("GET", "/state")
        answer = connection.getresponse()
        if answer.status != 200:
            return None
        return read_state(json.loads(answer.read(_BYTES_MAX)))
    # Gone, starting, or another program at an address of yesterday.
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
