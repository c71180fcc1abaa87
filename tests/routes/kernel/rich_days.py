"""Small made-up days with every rule of the tree in them.

They come from Python's dice and not from hypothesis' strategies: a whole tree drawn
field by field takes a tenth of a second, and rare rules have to meet by the thousand.
"""

from dataclasses import replace
from itertools import product
from random import Random

from routes.problem import (
    Amounts,
    Break,
    Changes,
    Costs,
    Given,
    Halt,
    Lateness,
    Link,
    Matrix,
    Problem,
    Reload,
    Shipment,
    Table,
    Technician,
    TimeWindow,
    Visit,
)

PLACES = 6
MINUTE_S = 60


def rich_problem(
    dice: Random, *, placed: bool = True, linked: bool = True, most: int = 7
) -> Problem:
    """Return a problem with any rule there is; `placed` breaks may be at places."""
    staff = _staff(dice, placed=placed)
    names = sorted(frozenset[str]().union(*(one.names for one in staff)))
    visits = tuple(_visit(dice, f"v{n}", names) for n in range(dice.randint(1, most)))
    if not linked:
        visits = tuple(replace(one, people=1) for one in visits)
    alone = [one.id for one in visits if one.people == 1]
    pinned = alone[: dice.choice((0, 0, 1, 2))]
    tied = [one.id for one in visits]
    return Problem(
        technicians=_with_pinned(dice, staff, pinned),
        visits=visits,
        shipments=tuple(
            Shipment(
                id=f"s{n}",
                pickup=_halt(dice),
                delivery=_halt(dice),
                amount=_amounts(dice),
                skills=_skills(dice),
                priority=dice.choice((0, 50)),
            )
            for n in range(dice.choice((0, 0, 1, 2)))
        ),
        matrices={
            profile: Matrix(travel_s=_table(dice), distance_m=_table(dice))
            for profile in ("car", "bike")
        },
        links=_links(dice, tied) if linked else (),
        area_windows={
            area: _windows(dice) for area in ("east", "west") if dice.random() < 0.3
        },
        changes=Changes(
            per_technician=dice.choice((0, 300)),
            per_hour=dice.choice((0, 0, 200, 5000)),
        ),
        evenness_price=dice.choice((0, 0, 1000)),
    )


def _short_s(dice: Random) -> int:
    return MINUTE_S * dice.choice((0, 0, 5, 10, 25, 40))


def _skills(dice: Random) -> frozenset[str]:
    return frozenset(dice.choice(((), ("lift",))))


def _amounts(dice: Random) -> Amounts:
    return tuple(dice.randint(0, 2) for _ in range(dice.randint(0, 2)))


def _windows(dice: Random) -> tuple[TimeWindow, ...]:
    moments = sorted(dice.sample(range(601), 2 * dice.choice((0, 0, 1, 1, 2, 3))))
    return tuple(
        TimeWindow(opens * MINUTE_S, closes * MINUTE_S)
        for opens, closes in zip(moments[::2], moments[1::2], strict=True)
    )


def _halt(dice: Random) -> Halt:
    lateness = Lateness(
        max_s=dice.choice((0, 600, 3600, 20000)), per_hour=dice.choice((0, 100, 7200))
    )
    return Halt(
        place=dice.randrange(PLACES),
        setup_s=_short_s(dice),
        service_s=_short_s(dice),
        windows=_windows(dice),
        lateness=dice.choice((None, None, lateness)),
    )


def _visit(dice: Random, id_: str, names: list[str]) -> Visit:
    def some(*others: str) -> frozenset[str]:
        return frozenset(
            dice.sample([*names, *others], min(len(names), dice.choice((0, 0, 1, 2))))
        )

    halt = _halt(dice)
    given = Given(
        technician=dice.choice(names),
        begin_s=dice.choice((None, MINUTE_S * dice.randrange(600))),
    )
    return Visit(
        id=id_,
        place=halt.place,
        setup_s=halt.setup_s,
        service_s=halt.service_s,
        windows=halt.windows,
        lateness=halt.lateness,
        skills=_skills(dice),
        deliver=_amounts(dice),
        collect=_amounts(dice),
        priority=dice.choice((0, 0, 10, 100)),
        people=dice.choice((1, 1, 1, 1, 2)),
        area=dice.choice((None, None, "east", "west")),
        allowed=dice.choice((None, None, None, None, some())),
        forbidden=dice.choice((frozenset[str](), frozenset[str](), some())),
        preferred=some("nobody there"),
        preferred_price=dice.choice((0, 500)),
        given=dice.choice((None, None, given)),
    )


def _break(dice: Random, n: int, *, placed: bool) -> Break:
    return Break(
        id=f"b{n}",
        duration_s=_short_s(dice),
        windows=_windows(dice),
        place=dice.choice((None, None, dice.randrange(PLACES))) if placed else None,
        is_paid=dice.random() < 0.5,
    )


def _room(dice: Random) -> Amounts:
    return (dice.randint(0, 9), dice.randint(0, 9))


def _technician(
    dice: Random, id_: str, shift: tuple[int, int], *, placed: bool
) -> Technician:
    def end() -> int | None:
        return dice.choice((None, *[dice.randrange(PLACES)] * 3))

    reload = Reload(
        places=tuple(dice.sample(range(PLACES), dice.choice((1, 2)))),
        duration_s=_short_s(dice),
        times_max=dice.randint(0, 2),
        windows=_windows(dice),
    )
    return Technician(
        id=id_,
        start=end(),
        end=end(),
        shift=TimeWindow(shift[0] * MINUTE_S, shift[1] * MINUTE_S),
        overtime_max_s=dice.choice((0, 0, 1800, 7200)),
        breaks=tuple(
            _break(dice, n, placed=placed)
            for n in range(dice.choice((0, 0, 1, 1, 2, 3)))
        ),
        skills=frozenset(("lift",)) if dice.random() < 0.7 else frozenset(),
        capacity=_room(dice),
        used_capacity=dice.choice((None, None, _room(dice))),
        aboard=dice.choice(((), (), (1,), (0, 1))),
        reload=dice.choice((None, None, reload)),
        tasks_max=dice.choice((None, None, None, 0, 3, 5)),
        travel_max_s=dice.choice((None, None, None, 3000, 7000)),
        distance_max_m=dice.choice((None, None, None, 2000, 5000)),
        work_max_s=dice.choice((None, None, 9000, 18000)),
        areas=dice.choice((None, None, frozenset({"east"}))),
        away_price=dice.choice((None, 700)),
        speed_factor=dice.choice((1.0, 0.7, 1.5)),
        costs=Costs(
            fixed=dice.choice((0, 0, 5000)),
            per_hour=dice.choice((0, 3600, 3600, 500)),
            per_km=dice.choice((0, 0, 50)),
            per_work_hour=dice.choice((0, 0, 1000)),
            per_overtime_hour=dice.choice((0, 5000)),
        ),
        profile=dice.choice(("car", "bike")),
    )


def _staff(dice: Random, *, placed: bool) -> tuple[Technician, ...]:
    """Return some technicians, perhaps with two shifts each."""
    found: list[Technician] = []
    for n in range(dice.choice((1, 1, 2, 3))):
        opens, closes = dice.choice((0, 0, 60, 120)), dice.choice((300, 600, 600))
        if dice.random() < 0.6:
            found.append(_technician(dice, f"t{n}", (opens, closes), placed=placed))
            continue
        middle = (opens + closes) // 2
        for part, shift in enumerate(((opens, middle), (middle, closes))):
            one = _technician(dice, f"t{n}.{part}", shift, placed=placed)
            found.append(replace(one, person=f"p{n}", overtime_max_s=0))
    return tuple(found)


def _table(dice: Random) -> Table:
    """Return one-way streets, but never a detour that is shorter."""
    table = [[dice.randint(0, 1800) for _ in range(PLACES)] for _ in range(PLACES)]
    for n in range(PLACES):
        table[n][n] = 0
    for via, start, end in product(range(PLACES), repeat=3):
        through = table[start][via] + table[via][end]
        table[start][end] = min(table[start][end], through)
    return tuple(map(tuple, table))


def _links(dice: Random, ids: list[str]) -> tuple[Link, ...]:
    """Return links that run in no circle."""
    pairs = [(one, two) for n, one in enumerate(ids) for two in ids[n + 1 :]]
    found = []
    for first, second in dice.sample(pairs, min(len(pairs), dice.choice((0, 0, 1, 2)))):
        least_s, more_s = _short_s(dice), dice.choice((None, 0, 1800, 7200))
        found.append(
            Link(
                first=first,
                second=second,
                least_s=least_s,
                most_s=None if more_s is None else least_s + more_s,
                same_person=dice.random() < 0.5,
            )
        )
    return tuple(found)


def _with_pinned(
    dice: Random, staff: tuple[Technician, ...], ids: list[str]
) -> tuple[Technician, ...]:
    """Return `staff` with visits pinned to one of them."""
    chosen, cut = dice.randrange(len(staff)), dice.randint(0, len(ids))
    first, last = tuple(ids[:cut]), tuple(ids[cut:])
    return tuple(
        replace(one, first=first, last=last) if n == chosen else one
        for n, one in enumerate(staff)
    )
