"""The rows of what is asked while the caller waits."""

import sys
from collections.abc import Iterator

from benchmarks.routes.runs import together
from benchmarks.table import Measured

LIMIT_S = 180.0
ANSWER_MAX_S = 1.0
SIZE = ("300", "20", "10")
"""Visits, technicians, and seconds for the plan that is changed."""
ASKED = {
    "first": "first plan of 300 visits and 20 technicians",
    "insert": "an urgent visit inserted into it, the rest replanned",
    "without": "a technician taken out of it, the rest replanned",
}


def rows() -> Iterator[Measured]:
    """Yield how long each takes, whole, and what is wrong with the plan."""
    for name, what in ASKED.items():
        command = [sys.executable, "-m", "benchmarks.routes.phone", name, *SIZE]
        ran = together([command], limit_s=LIMIT_S)
        if not ran.answers:
            yield Measured(what=f"{what}: {ran.error}", ours="-", met=False)
            continue
        (told,) = ran.answers
        legal = "legal" if not told["wrong"] else f"{len(told['wrong'])} violations"
        yield Measured(
            what=what,
            ours=f"{told['taken_s']:.2f} s, {legal}",
            aim=f"< {ANSWER_MAX_S:g} s, legal",
            met=told["taken_s"] < ANSWER_MAX_S and not told["wrong"],
        )
