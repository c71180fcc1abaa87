"""Questions: who has it, who had it, what they have, what a place holds or held."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from benchmarks.ledger.life import DEPOTS, END_US, NOW, SEED, SPAN_US, Size
from benchmarks.ledger.plain import Plain
from benchmarks.ledger.rows import tag
from benchmarks.table import Measured, in_turns, percentiles, read_line
from fsc_logistics.core.database import Sessions
from fsc_logistics.core.ledger import answers
from fsc_logistics.core.ledger.event_hash import microseconds
from fsc_logistics.domain.custody import Custody

BLOCK = 20
P99_MAX_S = 0.001
A_YEAR = timedelta(days=365)


def reads(
    sessions: Sessions, plain: Plain, size: Size, calls: int
) -> Iterator[Measured]:
    """Yield what was measured of each question."""
    chance = Random(SEED)

    def who(ask: Callable[[str, datetime], Any], *, then: bool) -> Iterator[Any]:
        # Other devices for either: none finds the pages the other has just read.
        for _ in range(calls):
            at = _once(chance) if then else NOW
            yield partial(ask, tag(chance.randint(1, size.devices)), at)

    def of_party(ask: Callable[[str, datetime], Any]) -> Iterator[Any]:
        for _ in range(calls):
            yield partial(ask, f"CIT-{chance.randrange(size.citizens):06}", NOW)

    def of_place(ask: Callable[[str, datetime], Any], at: datetime) -> Iterator[Any]:
        for _ in range(max(2, calls // 200)):
            yield partial(ask, f"D{chance.randrange(DEPOTS):02}", at)

    def plainly(ask: Callable[[str, int], Any]) -> Callable[[str, datetime], Any]:
        return lambda code, at: ask(code, microseconds(at))

    ask, floor = partial(ours_who, sessions), plainly(plain.who)
    _warm_up(ask, floor, size)
    yield read_line(
        "who, p50 / p99",
        *in_turns(who(ask, then=False), who(floor, then=False), BLOCK),
    )
    then = in_turns(who(ask, then=True), who(floor, then=True), BLOCK)
    yield read_line("who --at, p50 / p99", *then)
    if sessions.engine.dialect.name == "sqlite":
        yield _slowest(*then)
    held, floor = partial(ours_held, sessions), plainly(plain.of_party)
    yield read_line(
        "holdings of a citizen, p50 / p99",
        *in_turns(of_party(held), of_party(floor), BLOCK),
    )
    stored, floor = partial(ours_within, sessions), plainly(plain.within)
    for moment, at in (("now", NOW), ("a year ago", NOW - A_YEAR)):
        count = len(stored("D00", at))
        yield read_line(
            f"holdings of a warehouse {moment} ({count:,} devices)",
            *in_turns(of_place(stored, at), of_place(floor, at), 1),
        )


def ours_who(sessions: Sessions, device: str, at: datetime) -> Custody | None:
    """Answer as `fsc who` does."""
    with sessions.read() as session:
        return answers.who(session, device, at=at)[1]


def ours_held(sessions: Sessions, code: str, at: datetime) -> list[Custody]:
    """Answer as `fsc holdings` does."""
    with sessions.read() as session:
        return answers.holdings(session, code, at=at)


def ours_within(sessions: Sessions, code: str, at: datetime) -> list[Custody]:
    """Answer as `fsc holdings --within` does."""
    with sessions.read() as session:
        return answers.holdings(session, code, at=at, within=True)


def _once(chance: Random) -> datetime:
    """Return a moment at which every device had its first event behind it."""
    return NOW - timedelta(microseconds=chance.randrange(SPAN_US // 2))


def _warm_up(
    ours: Callable[[str, datetime], Any],
    floor: Callable[[str, datetime], Any],
    size: Size,
) -> None:
    """Read what a busy day has read already, and see that both say the same."""
    chance = Random(END_US)
    for _ in range(200):
        name, at = tag(chance.randint(1, size.devices)), _once(chance)
        said, row = ours(name, at), floor(name, at)
        assert row is not None
        assert (said.device, said.model, said.custodian, said.location) == (
            *row[:3],
            row[4],
        )
        assert said.condition == row[12]


def _slowest(ours: list[float], floor: list[float]) -> Measured:
    slow_s, floor_s = percentiles(ours)[1], percentiles(floor)[1]
    return Measured(
        what="who --at, p99",
        ours=f"{1000 * slow_s:.3f} ms",
        floor=f"{1000 * floor_s:.3f} ms",
        ratio=slow_s / floor_s,
        aim="< 1 ms",
        met=slow_s < P99_MAX_S,
    )
