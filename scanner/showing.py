"""The pages of the service: for a screen, and for whoever watches over it."""

import json

from scanner.board import Board
from scanner.health import health
from scanner.pages import Page, Pages
from scanner.spool import Spool
from scanner.threads import Threads


class CannotListen(Exception):
    """The pages cannot be shown where they should be."""


def show(listen: str, board: Board, threads: Threads, spool: Spool) -> Pages:
    """Show /health, /metrics and /state at `listen`, and leave word of it at the spool.

    Raises:
        ValueError: it is no address of this machine alone.
        CannotListen: somebody else is there, or it may not be listened at.
    """

    def metrics() -> Page:
        # Only whoever asks for them waits for the library.
        from scanner.metrics import metrics

        return metrics(board, spool_bytes=spool.bytes_on_disk())

    try:
        pages = Pages(
            listen,
            {
                "/health": lambda: health(
                    board, threads.late(), disk_free_bytes=spool.disk_free_bytes()
                ),
                "/metrics": metrics,
                "/state": lambda: Page(json.dumps(board.as_json())),
            },
        )
        spool.publish(pages.address)
    except OSError as error:
        raise CannotListen(
            f"Nothing can listen at {listen}: {error.strerror}."
        ) from error
    return pages
