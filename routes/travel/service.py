"""A routing service on the network: asked over HTTP, and what goes wrong, in words."""

import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

import numpy as np

from routes.ground import Point
from routes.travel.source import NoTravel, Numbers

TIMEOUT_S = 30.0
ANSWER_BYTES_MAX = 64_000_000
"""A table of 100 x 100 with names and hints takes 0.2 MB, a day's way 0.5 MB."""
CHUNK_BYTES = 1 << 16
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses after which the same question may be answered later (RFC 9110)."""


class TooMany(NoTravel):
    """The service takes fewer points at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a service is, and how long to wait for it.

    Raises:
        ValueError: `url` is no address of a service.
    """

    kind: str
    """What it is called in messages: OSRM, Valhalla."""
    url: str
    """As http://host:port/path, without anything after it."""
    timeout_s: float = TIMEOUT_S
    """For one question, from asking to the last byte of the answer."""

    def __post_init__(self) -> None:
        """Refuse what is no address; a file, for one."""
        parts = urlsplit(self.url)
        try:
            whole = parts.scheme in ("http", "https") and parts.hostname
            _ = parts.port
        except ValueError:
            whole = None
        if not whole or parts.query or parts.fragment or not self.url.isascii():
            raise ValueError(
                f"'{self.url}' is no address of a service. Write it as http://host:port"
            )

    @property
    def name(self) -> str:
        """Return what it is called in a sentence, without user and password."""
        parts = urlsplit(self.url)
        place = parts.netloc.rpartition("@")[2]
        address = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
        return f"{self.kind} at {address}"

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON object it answers to GET `path`, or to POST with a `body`.

        An answer that is an error of the service is returned all the same, with its
        HTTP status under `http_status`: only the service's own room can read it.

        Raises:
            NoTravel: it cannot be reached, does not answer in time, or with no object.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - __post_init__ saw the scheme
            self.url.rstrip("/") + path,
            data=data,
            headers={"Accept": "application/json", "User-Agent": "fsc-logistics"}
            | ({} if data is None else {"Content-Type": "application/json"}),
        )
        until = time.monotonic() + self.timeout_s
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:  # noqa: S310
                return self.object_in(self.read(answer, until), status=200)
        except urllib.error.HTTPError as error:
            with error:
                return self.refusal(error, until)
        except TimeoutError:
            self.fail(f"did not answer within {self.timeout_s:g} s", is_passing=True)
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                self.fail(
                    f"did not answer within {self.timeout_s:g} s", is_passing=True
                )
            self.fail(f"cannot be reached ({_why(error.reason)})", is_passing=True)
        except http.client.IncompleteRead:
            self.fail("broke its answer off", is_passing=True)
        except (OSError, http.client.HTTPException) as error:
            self.fail(f"broke the connection ({_why(error)})", is_passing=True)

    def read(self, answer: http.client.HTTPResponse, until: float) -> bytes:
        """Return the whole answer, if it is there before `until` on the clock."""
        parts, size = [], 0
        # The time-out of a socket is for one read: a service that sends a byte a second
        # would be waited for all day.
        while part := answer.read1(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > ANSWER_BYTES_MAX:
                self.fail(f"answered with more than {ANSWER_BYTES_MAX // 10**6} MB")
            if time.monotonic() > until:
                raise TimeoutError
        if answer.length:
            raise http.client.IncompleteRead(b"")
        return b"".join(parts)

    def refusal(self, error: urllib.error.HTTPError, until: float) -> dict[str, Any]:
        """Return what an answer with an error status says."""
        status = f"{error.code} {error.reason}".strip()
        passing = error.code in PASSING
        try:
            text = self.read(error.fp, until)  # type: ignore[arg-type]
            found = self.object_in(text, status=error.code)
        except (NoTravel, OSError, http.client.HTTPException):
            self.fail(f"answered {status}", is_passing=passing)
        if passing:
            self.fail(f"answered {status}", is_passing=True)
        return found

    def object_in(self, text: bytes, *, status: int) -> dict[str, Any]:
        """Return the JSON object in `text`, with `http_status`."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            self.fail("answered with something that is not JSON")
        if not isinstance(found, dict):
            self.fail("answered with JSON that is no object")
        return {**found, "http_status": status}

    def fail(self, what: str, *, is_passing: bool = False) -> NoReturn:
        """Raise NoTravel: this service, and `what` it did."""
        raise NoTravel(f"{self.name} {what}.", is_passing=is_passing)


def table(given: Any, rows: int, columns: int, what: str, name: str) -> Numbers:
    """Return a table of a service's answer; null is not-a-number, there is no road.

    Raises:
        NoTravel: it is no table of that size, or holds what is no time or distance.
    """
    right = isinstance(given, list) and len(given) == rows
    if not right or not all(isinstance(r, list) and len(r) == columns for r in given):
        raise NoTravel(
            f"{name} answered with {what} of another size than the {rows} x {columns}"
            " it was asked for."
        )
    for row in given:
        for one in row:
            is_number = isinstance(one, int | float) and not isinstance(one, bool)
            # not (… <= …): NaN, which some JSON writers send, is no number either.
            if one is not None and not (is_number and 0 <= one < 2**53):
                raise NoTravel(
                    f"{name} answered with {what} that are none: {str(one)[:40]}."
                )
    numbers: Numbers = np.array(given, dtype=np.float64).reshape(rows, columns)
    return numbers


def points_of(given: Any, what: str, name: str) -> list[Point]:
    """Return [[lon, lat], …] of an answer as points.

    Raises:
        NoTravel: it is none.
    """
    try:
        return [Point(float(lat), float(lon)) for lon, lat, *_ in given]
    except (TypeError, ValueError, OverflowError):
        raise NoTravel(f"{name} answered with {what} that is none.") from None


def ways(points: Sequence[Point], size: int) -> list[Sequence[Point]]:
    """Return `points` in pieces of at most `size`; each begins where one ended.

    >>> [len(way) for way in ways([Point(56, 9)] * 5, 3)]
    [3, 3]
    """
    starts = range(0, max(1, len(points) - 1), size - 1)
    return [points[start : start + size] for start in starts]


def _why(reason: object) -> str:
    if isinstance(reason, socket.gaierror):
        return "no such host"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__
