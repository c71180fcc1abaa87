"""What a peer is asked and how it answers; the standard library only.

A question is a problem as the VROOM API writes it (whole numbers everywhere, one
profile), a time limit, a seed and a number of threads.  An answer is one JSON object on
stdout: `plan` (as VROOM writes it), or `routes` (by vehicle, pairs of kind and id in
order), or `not_able` with the reason.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

Steps = list[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the command line asked for."""

    path: Path
    problem: dict[str, Any]
    seconds: float
    seed: int
    threads: int

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """What is done at one place."""
        return list(self.problem.get("jobs", ()))

    @property
    def shipments(self) -> list[dict[str, Any]]:
        """What is fetched at one place and brought to another."""
        return list(self.problem.get("shipments", ()))

    @property
    def vehicles(self) -> list[dict[str, Any]]:
        """Who drives."""
        return list(self.problem["vehicles"])

    @property
    def travel(self) -> list[list[int]]:
        """How long it is from place to place."""
        (matrix,) = self.problem["matrices"].values()
        found: list[list[int]] = matrix["durations"]
        return found

    @property
    def horizon(self) -> int:
        """When everybody is at home again."""
        return max(int(one["time_window"][1]) for one in self.vehicles)


def asked() -> Question:
    """Return the question on the command line: FILE SECONDS SEED THREADS."""
    path, seconds, seed, threads = sys.argv[1:]
    return Question(
        path=Path(path),
        problem=json.loads(Path(path).read_text("utf-8")),
        seconds=float(seconds),
        seed=int(seed),
        threads=int(threads),
    )


def answer(routes: dict[int, Steps]) -> None:
    """Say who drives where, in order."""
    told = {str(vehicle): steps for vehicle, steps in routes.items() if steps}
    print(json.dumps({"routes": told}))


def refuse_what_cannot_be_said(question: Question, *, able: set[str]) -> None:
    """Say "not able" and end, where a rule of the problem is not among `able`."""
    if missing := rules_of(question) - able:
        not_able(", ".join(sorted(missing)))


def rules_of(question: Question) -> set[str]:
    """Return which rules beyond one window, one load and a fleet the problem has."""
    halts = [*question.jobs]
    for one in question.shipments:
        halts += [one["pickup"], one["delivery"]]
    vehicles = question.vehicles
    places = [halt["location_index"] for halt in halts]
    shared = len(set(places)) < len(places)
    has = {
        "shipments": bool(question.shipments),
        "several windows": any(len(one.get("time_windows", ())) > 1 for one in halts),
        "skills": any(one.get("skills") for one in halts),
        "priorities": any(one.get("priority") for one in halts),
        "setup once a place": shared and any(one.get("setup") for one in halts),
        "breaks": any(one.get("breaks") for one in vehicles),
        "one compartment for both ways": _mixes(question.jobs),
    }
    return {rule for rule, there in has.items() if there}


def _mixes(jobs: list[dict[str, Any]]) -> bool:
    """Return whether a dimension holds what is brought and what is taken along."""
    brought, taken = (
        {d for job in jobs for d, amount in enumerate(job.get(key, ())) if amount}
        for key in ("delivery", "pickup")
    )
    return bool(brought & taken)


def not_able(why: str) -> NoReturn:
    """Say that the peer has no words for a rule of this problem, and end."""
    print(json.dumps({"not_able": why}))
    sys.exit()
