"""What happens to a station: each trouble begins and ends by itself, at random."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from random import Random
from time import sleep

from benchmarks.soak.house import Database, Service

HOUR_S = 3600


class Troubles:
    """Makes trouble, one after the other, and counts it."""

    def __init__(self, service: Service, database: Database, seed: int) -> None:
        self._service = service
        self._database = database
        self._chance = Random(seed)
        self.counts: Counter[str] = Counter()

    def make(self, kills: int, enough: Callable[[], bool], every_s: float) -> None:
        """Kill the service so often; make other trouble in between, until `enough`."""
        others = (
            self._database_away,
            self._slow_disk,
            self._full_disk,
            self._clock_set,
            self._second_service,
        )
        while self.counts["kill -9"] < kills or not enough():
            sleep(self._chance.uniform(0, every_s))
            if self._chance.random() < 0.15:
                self._chance.choice(others)()
            elif self.counts["kill -9"] < kills:
                # The others come at any moment of a start; where a start is slow, all
                # of them would, and no scan would be answered.
                if self._chance.random() < 0.5:
                    self._service.wait_open()
                    sleep(self._chance.random())
                self._service.kill()
                self.counts["kill -9"] += 1
        self._service.start()

    def all_once(self) -> None:
        """Make every trouble once, whatever chance says."""
        for trouble in (
            self._database_away,
            self._slow_disk,
            self._full_disk,
            self._clock_set,
            self._second_service,
        ):
            trouble()

    def _database_away(self) -> None:
        self._database.stop()
        sleep(self._chance.uniform(0.1, 8))
        self._database.start()
        self.counts["database stopped and started"] += 1

    def _slow_disk(self) -> None:
        """Keep the journal from being written, for as long as a slow disk would."""
        with closing(sqlite3.connect(self._service.spool, timeout=10)) as journal:
            with suppress(sqlite3.Error):
                journal.execute("BEGIN IMMEDIATE")
                sleep(self._chance.uniform(0.1, 4))
            journal.rollback()
        self.counts["slow disk"] += 1

    def _full_disk(self) -> None:
        ended = threading.Timer(
            self._chance.uniform(0.1, 2), self._service.limit_files, [-1]
        )
        self._service.limit_files(4096)
        ended.start()
        ended.join()
        self.counts["full disk"] += 1

    def _clock_set(self) -> None:
        """Set the clock back or forward; half of the time it stays so for a while."""
        wrong_s = self._chance.choice((-HOUR_S, -5, 5, HOUR_S))
        self._service.set_clock(wrong_s)
        sleep(self._chance.uniform(0, 2))
        self._service.set_clock(0)
        self.counts["clock set"] += 1

    def _second_service(self) -> None:
        code = self._service.second()
        assert code == 1, f"a second service ended with {code}"
        self.counts["second service refused"] += 1
