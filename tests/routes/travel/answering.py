"""A routing service on this machine that answers as published, or misbehaves."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from routes.travel import Point, great_circle_m

SPEED_M_S = 10
CUT = Point(1.0, 1.0)
"""No road leads here."""


class FakeService(ThreadingHTTPServer):
    """OSRM and Valhalla over great circles, 10 m a second.

    The formats are those of osrm-routed 26.10 and valhalla_service 3.9.1.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.questions = []
        self.pairs_max = 10_000
        self.off_m = 12.5
        self.is_verbose = False
        self.misbehave = None
        self.released = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Keep the tests' output clean."""

    def do_GET(self):
        self.server.questions.append(self.path)
        if self.server.misbehave:
            self.server.misbehave(self)
            return
        url = urlsplit(self.path)
        _, service, version, profile, coordinates = url.path.split("/")
        assert (version, profile) == ("v1", "driving")
        points = [
            Point(float(lat), float(lon))
            for lon, lat in (pair.split(",") for pair in coordinates.split(";"))
        ]
        query = {key: one[0] for key, one in parse_qs(url.query).items()}
        self.answer(*getattr(self, service)(points, query))

    def table(self, points, query):
        assert query["annotations"] == "duration,distance"
        starts = [points[int(n)] for n in query["sources"].split(";")]
        ends = [points[int(n)] for n in query["destinations"].split(";")]
        if len(starts) * len(ends) > self.server.pairs_max:
            told = {"code": "TooBig", "message": "Too many table coordinates"}
            return 400, told
        if len(points) < 2:
            message = "Number of coordinates needs to be at least two."
            return 400, {"code": "InvalidOptions", "message": message}
        distances = lengths(starts, ends)
        return 200, {
            "code": "Ok",
            "distances": distances,
            "durations": times(distances),
            "sources": [{"distance": self.server.off_m} for _ in starts],
            "destinations": [{"distance": self.server.off_m} for _ in ends],
        }

    def route(self, points, query):
        assert (query["overview"], query["geometries"]) == ("full", "geojson")
        drawn = [[p.lon, p.lat] for p in by_corners(points)]
        geometry = {"type": "LineString", "coordinates": drawn}
        return 200, {"code": "Ok", "routes": [{"geometry": geometry}]}

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.questions.append(body)
        if self.server.misbehave:
            self.server.misbehave(self)
            return
        assert body["costing"] == "auto"
        self.answer(*getattr(self, self.path.removeprefix("/") + "_posted")(body))

    def sources_to_targets_posted(self, body):
        starts, ends = (
            [Point(one["lat"], one["lon"]) for one in body[key]]
            for key in ("sources", "targets")
        )
        if len(starts) * len(ends) > self.server.pairs_max:
            return 400, {
                "error_code": 150,
                "error": "Exceeded max locations: 2500.000000",
                "status_code": 400,
                "status": "Bad Request",
            }
        metres = lengths(starts, ends)
        km = [[None if m is None else m / 1000 for m in row] for row in metres]
        tables = {"durations": times(metres), "distances": km}
        if self.server.is_verbose:
            tables = [
                [{"time": t, "distance": d} for t, d in zip(*rows, strict=True)]
                for rows in zip(*tables.values(), strict=True)
            ]
        return 200, {"sources_to_targets": tables, "units": "kilometers"}

    def route_posted(self, body):
        points = [Point(one["lat"], one["lon"]) for one in body["locations"]]
        if len(points) > 20:
            return 400, {"error_code": 150, "error": "Exceeded max locations: 20"}
        legs = [
            {"shape": encoded(by_corners(points[n : n + 2]))}
            for n in range(len(points) - 1)
        ]
        return 200, {"trip": {"legs": legs}}

    def answer(self, status, content):
        self.send(status, json.dumps(content).encode())

    def send(self, status, body, *, length=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


def lengths(starts, ends):
    return [
        [None if (a == CUT) != (b == CUT) else great_circle_m(a, b) for b in ends]
        for a in starts
    ]


def times(metres):
    return [[None if m is None else m / SPEED_M_S for m in row] for row in metres]


def by_corners(points):
    """Return a way that goes east or west first, then north or south."""
    found = [points[0]]
    for here, there in pairwise(points):
        found += [Point(here.lat, there.lon), there]
    return found


def encoded(points):
    """Return a polyline of six decimals, by Google's description of the format."""
    text, last = "", (0, 0)
    for point in points:
        now = round(point.lat * 1e6), round(point.lon * 1e6)
        for value, before in zip(now, last, strict=True):
            bits = (value - before) << 1
            bits = ~bits if value < before else bits
            while bits >= 32:
                text += chr((32 | bits & 31) + 63)
                bits >>= 5
            text += chr(bits + 63)
        last = now
    return text


@contextmanager
def answering():
    """Return a service that answers as long as the block lasts."""
    with FakeService() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
