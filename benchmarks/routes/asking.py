"""Every question to everyone who is measured, unless it was asked before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.routes.days import DAYS, day
from benchmarks.routes.distance_files import LI_LIM, File
from benchmarks.routes.judge import Case, Worth
from benchmarks.routes.own_rules import with_every_rule
from benchmarks.routes.results import Result, Results
from benchmarks.routes.runs import OURS, Asked, Ran, run, version_of

DAY_SET = "days"
OWN_SET = "own"
OWN_DAYS = tuple(range(6, DAYS + 1, 9))
LONGER = 10
"""How many times longer the run is that a plan with every rule is compared with."""
UNSEEDED = frozenset({"vroom"})
"""Those who find the same plan whatever the seed: they are asked with seed 0 only."""
NOT_ASKED = {LI_LIM: frozenset({"pyvrp", "vrp_cli"})}
"""What is not put into their words here, though they have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One problem of one set."""

    group: str
    name: str
    kind: str
    make: Callable[[], Mapping[str, Any]]
    file: File | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for everybody."""

    seconds: Sequence[float]
    seeds: Sequence[int]
    threads: int
    solvers: Sequence[str]
    peers: Path


def of_days(count: int) -> Iterator[Question]:
    """Yield `count` of the frozen days, from the smallest to the largest."""
    for n in range(count):
        number = 1 + n * (DAYS - 1) // max(1, count - 1)
        made = day(number)
        yield Question(
            group=DAY_SET,
            name=made.name,
            kind=f"{made.visits}/{made.technicians} {made.fullness}",
            make=lambda made=made: made.problem,  # type: ignore[misc]
        )


def of_own_days() -> Iterator[Question]:
    """Yield some of the frozen days with every rule of our own switched on."""
    for number in OWN_DAYS:
        made = with_every_rule(day(number))
        yield Question(
            group=OWN_SET,
            name=made.name,
            kind=f"{made.visits}/{made.technicians} {made.fullness}",
            make=lambda made=made: made.problem,  # type: ignore[misc]
        )


def alone_and_longer(terms: Terms) -> Terms:
    """Return the terms of days that no peer can be asked."""
    shortest = min(terms.seconds)
    seconds = (shortest, LONGER * shortest)
    return replace(terms, seconds=seconds, solvers=(OURS,))


def of_files(files: Iterator[File]) -> Iterator[Question]:
    """Yield the academic files as questions."""
    for file in files:
        yield Question(
            group=file.group,
            name=file.name,
            kind=file.kind,
            make=lambda file=file: file.problem,  # type: ignore[misc]
            file=file,
        )


def ask_all(
    questions: Iterator[Question],
    terms: Terms,
    results: Results,
    folder: Path,
    say: Callable[[str], None],
) -> list[Result]:
    """Return what everybody made of every question, asking where it is not known."""
    found = []
    for question in questions:
        case = Case(question.make(), file=question.file)
        hash_ = sha256(case.text.encode()).hexdigest()[:16]
        path = folder / f"{question.group} {question.name}.json".replace(" ", "-")
        path.write_text(case.text, "utf-8")
        for seconds, who in product(terms.seconds, terms.solvers):
            if who in NOT_ASKED.get(question.group, ()):
                continue
            for seed in (0,) if who in UNSEEDED else terms.seeds:
                asked = Asked(
                    who=who,
                    problem=path,
                    seconds=seconds,
                    seed=seed,
                    threads=terms.threads,
                    peers=terms.peers,
                )
                result = _ask(question, case, asked, hash_, results)
                say(_sentence(result))
                found.append(result)
    return found


def _ask(
    question: Question, case: Case, asked: Asked, hash_: str, results: Results
) -> Result:
    blank = Result(
        group=question.group,
        name=question.name,
        kind=question.kind,
        who=asked.who,
        version=version_of(asked.who),
        seconds=asked.seconds,
        seed=asked.seed,
        threads=asked.threads,
        hash=hash_,
        best=None if question.file is None else question.file.best_distance,
        best_routes=None if question.file is None else question.file.best_routes,
    )
    known = results.get(blank.key)
    if known is None:
        known = _of(blank, case, run(asked))
        results.add(known)
    return known


def _of(blank: Result, case: Case, ran: Ran) -> Result:
    """Return `blank` filled in with the best of what the copies answered."""
    not_able = [str(one["not_able"]) for one in ran.answers if "not_able" in one]
    worths = [] if not_able else [case.worth(one) for one in ran.answers]
    best = min(worths, key=badness, default=None)
    return replace(
        blank,
        not_able=not_able[0] if not_able else "",
        error=ran.error,
        worth=None if best is None else asdict(best),
        wall_s=round(ran.wall_s, 3),
        cpu_s=round(ran.cpu_s, 3),
        memory_mib=round(ran.memory_mib, 1),
    )


def badness(worth: Worth) -> tuple[bool, int, int, int, float]:
    """Return what makes one plan worse than another, what matters most first."""
    return (
        bool(worth.wrong or worth.wrong_too),
        -worth.priority,
        -worth.visits,
        worth.driving,
        worth.distance or 0.0,
    )


def _sentence(result: Result) -> str:
    who = f"{result.name}, {result.who}, {result.seconds:g} s, seed {result.seed}"
    if result.not_able or result.error:
        return f"{who}: {result.not_able or result.error}"
    worth = result.worth or {}
    told = f"{worth['left_out']} left out, drives {worth['driving']}"
    if result.best is not None:
        told = f"{result.gap:.2f} %"
    broken = "" if result.legal else ", BREAKS THE RULES"
    return f"{who}: {told}{broken} ({result.wall_s:.1f} s, {result.cpu_s:.1f} CPU s)"
