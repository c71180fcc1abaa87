"""The stops of a question in the order of a seed, as OR-Tools has them."""

from random import Random
from typing import Any, NamedTuple

from benchmarks.routes.peers.question import Question


class Node(NamedTuple):
    """One stop that a vehicle may make."""

    kind: str
    halt: dict[str, Any]
    request: int
    """Both halves of a shipment are one request."""
    skills: frozenset[int]
    priority: int
    start_load: list[int]
    gain: list[int]


def nodes_of(question: Question) -> list[Node]:
    """Return all stops there may be, in the order of the seed."""
    requests: list[list[Node]] = []
    for job in question.jobs:
        brought, taken = job.get("delivery", []), job.get("pickup", [])
        gain = _sum(taken, [-amount for amount in brought])
        requests.append([_node("job", job, job, len(requests), brought, gain)])
    for one in question.shipments:
        amount = one.get("amount", [])
        back = [-each for each in amount]
        requests.append(
            [
                _node("pickup", one["pickup"], one, len(requests), [], amount),
                _node("delivery", one["delivery"], one, len(requests), [], back),
            ]
        )
    Random(question.seed).shuffle(requests)
    return [node for request in requests for node in request]


def _node(
    kind: str,
    halt: dict[str, Any],
    whole: dict[str, Any],
    request: int,
    start_load: list[int],
    gain: list[int],
) -> Node:
    skills = frozenset(whole.get("skills", ()))
    return Node(kind, halt, request, skills, whole.get("priority", 0), start_load, gain)


def amount_at(amounts: list[int], d: int) -> int:
    """Return how much of dimension `d` there is."""
    return amounts[d] if d < len(amounts) else 0


def _sum(one: list[int], other: list[int]) -> list[int]:
    length = max(len(one), len(other))
    return [amount_at(one, d) + amount_at(other, d) for d in range(length)]
