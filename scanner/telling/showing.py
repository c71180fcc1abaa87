"""The pages of the service: for a screen, and for whoever watches over it."""

import json

from scanner.journal.spool import Spool
from scanner.serving.threads import Threads
from scanner.telling.board import Board
from scanner.telling.health import health
from scanner.telling.pages import Page, Pages


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
        from scanner.telling.metrics import metrics

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
