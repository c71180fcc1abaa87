"""The service in numbers, as Prometheus reads them."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from scanner.telling.board import Board
from scanner.telling.latencies import Latencies
from scanner.telling.pages import Page


def metrics(board: Board, *, spool_bytes: int) -> Page:
    """Return the numbers of `board` in the text format of Prometheus."""
    return Page(
        generate_latest(_Numbers(board, spool_bytes)).decode(), CONTENT_TYPE_LATEST
    )


class _Numbers(Collector):
    def __init__(self, board: Board, spool_bytes: int) -> None:
        self._board = board
        self._spool_bytes = spool_bytes

    def collect(self) -> Iterator[Metric]:
        board = self._board
        scans = CounterMetricFamily(
            "fsc_scanner_scans",
            "Scans told of since the start; one that waited counts twice, stored first",
            labels=["port", "outcome"],
        )
        for (port, outcome), count in board.totals().items():
            scans.add_metric([port, outcome.value], count)
        yield scans
        last = GaugeMetricFamily(
            "fsc_scanner_last_scan_timestamp_seconds",
            "When the last scan of a port was made, of those since the start",
            labels=["port"],
        )
        for port, moment in board.last_scans().items():
            last.add_metric([port], moment.timestamp())
        yield last
        yield from self._ports()
        for name, help_text, value in (
            ("waiting_scans", "Scans that wait for the database", board.waiting_count),
            ("failed_scans", "Scans over which the house broke", board.failed_count),
        ):
            yield GaugeMetricFamily(f"fsc_scanner_{name}", help_text, value())
        yield GaugeMetricFamily(
            "fsc_scanner_house_away",
            "1 while the database cannot be asked",
            int(board.house_away),
        )
        yield GaugeMetricFamily(
            "fsc_scanner_saving",
            "1 while scans are saved; 0 when the spool cannot be written",
            int(board.is_saving),
        )
        yield GaugeMetricFamily(
            "fsc_scanner_spool_bytes", "What the spool takes on disk", self._spool_bytes
        )
        yield _histogram(
            "fsc_scanner_journal_seconds",
            "From the last byte of a code until it was durable",
            board.journal_took,
        )
        yield _histogram(
            "fsc_scanner_answer_seconds",
            "From the last byte of a code until its verdict was sounded",
            board.answer_took,
        )

    def _ports(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "fsc_scanner_port_up", "1 while a port is open", labels=["port"]
        )
        noise = CounterMetricFamily(
            "fsc_scanner_noise", "What came at a port and is no code", labels=["port"]
        )
        for panel in self._board.panels():
            up.add_metric([panel.settings.name], int(panel.is_open))
            noise.add_metric([panel.settings.name], panel.noise_count)
        yield up
        yield noise


def _histogram(name: str, help_text: str, took: Latencies) -> HistogramMetricFamily:
    buckets, sum_s = took.read()
    return HistogramMetricFamily(name, help_text, buckets=buckets, sum_value=sum_s)
