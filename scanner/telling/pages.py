"""A few pages over HTTP, for programs on this machine alone.

Loopback only, for it asks nobody who he is; who wants it seen elsewhere puts a proxy
before it.  A page in a browser that has another name resolve to this machine is
refused, as it would be read by whoever owns that name.
"""

import ipaddress
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ANY_PORT = "127.0.0.1:0"
"""Listen where there is room."""
PATIENCE_S = 5.0
"""Whoever says nothing for so long is hung up on."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    body: str
    kind: str = "application/json; charset=utf-8"
    status: int = 200


class Pages:
    """A server of pages in a thread of its own."""

    def __init__(self, listen: str, pages: Mapping[str, Callable[[], Page]]) -> None:
        """Listen at `listen`, such as 127.0.0.1:9464, for each path in `pages`.

        Raises:
            ValueError: it is no address of this machine alone.
            OSError: it is taken, or may not be listened at.
        """
        host, port = loopback_address(listen)
        kind = _Server6 if ":" in host else _Server
        self._server = kind((host, port), pages)
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{self._server.server_address[1]}"
        """Where it listens, as the beginning of a URL."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="scanner pages", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)


def loopback_address(listen: str) -> tuple[str, int]:
    """Return the host and port that `listen` names.

    Raises:
        ValueError: it is no address of this machine alone.

    >>> loopback_address("localhost:9464")
    ('127.0.0.1', 9464)
    """
    refused = ValueError(
        f"'{listen}' is not an address of this machine alone. Write it as"
        " 127.0.0.1:9464; a proxy can show it to others."
    )
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname or "", parts.port
        host = "127.0.0.1" if host == "localhost" else host
        is_ours = ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise refused from None
    if not is_ours or port is None or parts.path:
        raise refused
    return host, port


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], pages: Mapping[str, Callable[[], Page]]
    ) -> None:
        self.pages = pages
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, which may take seconds."""
        if os.name != "nt":  # There it would let two listen at one address.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over who hangs up halfway."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fsc"
    sys_version = ""
    timeout = PATIENCE_S
    server: _Server

    def do_GET(self) -> None:
        """Answer with the page of the path."""
        self._send(self._page())

    def _page(self) -> Page:
        page = self.server.pages.get(urlsplit(self.path).path)
        if not self._is_for_us():
            return _plain("Ask under the name of this machine.", 403)
        if page is None:
            return _plain(f"There are: {', '.join(self.server.pages)}", 404)
        try:
            return page()
        # Who asks is told, and the service goes on.
        except Exception as error:
            return _plain(f"A fault: {type(error).__name__}", 500)

    def log_message(self, *_: object) -> None:
        """Log nothing: it is asked several times a second."""

    def _is_for_us(self) -> bool:
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def _send(self, page: Page) -> None:
        body = page.body.encode()
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


def _plain(text: str, status: int) -> Page:
    return Page(f"{text}\n", "text/plain; charset=utf-8", status)
