"""A problem laid out as nodes and requests for the compiled search, and read back.

A node is a visit, half a shipment, a break at a place, a reload, or where a route
begins or ends.  A request is what is done as a whole or not at all: a visit (twice, for
two people), a shipment, or all visits that are linked with each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from routes.kernel import words as d
from routes.plan import StopKind, TaskKey
from routes.problem import Halt, Problem, Technician
from routes.timetable.tasks import Orders, Request, Task, reload_at, requests_of


@dataclass(slots=True)
class Node:
    """A place in a row, and what is done there."""

    kind: int
    halt: Halt | None
    task: Task | None = None
    place: int = -1
    request: int = -1
    mate: int = -1
    turn: int = -1
    pinned: bool = False


@dataclass(slots=True)
class Layout:
    """The nodes of a problem in the order of the arrays."""

    problem: Problem
    nodes: list[Node] = field(default_factory=list)
    requests: list[tuple[Request, ...]] = field(default_factory=list)
    """What is done or left out together."""
    members: list[list[int]] = field(default_factory=list)
    """The nodes of each request."""
    weights: list[int] = field(default_factory=list)
    reloads: list[tuple[int, int]] = field(default_factory=list)
    """By technician: its reload nodes, from the one number to the other."""
    pauses: list[list[int]] = field(default_factory=list)
    """By technician: the nodes of its breaks at places."""
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    node_of: dict[TaskKey, list[int]] = field(default_factory=dict)
    first: list[list[int]] = field(default_factory=list)
    """By technician: the nodes of the visits its route begins with."""
    last: list[list[int]] = field(default_factory=list)
    barred: set[int] = field(default_factory=set)
    """The nodes nobody can do where they are pinned."""
    kinds: list[int] = field(default_factory=list)
    """By technician: the first one who is like it in everything that counts."""

    @property
    def task_count(self) -> int:
        """Return how many nodes are tasks; they are the first ones."""
        return sum(map(len, self.members))

    @property
    def movable(self) -> list[list[int]]:
        """Return the nodes of each request that are not pinned; all, where all are."""
        free = [[n for n in some if not self.nodes[n].pinned] for some in self.members]
        return [one or all_ for one, all_ in zip(free, self.members, strict=True)]

    def rows(self, orders: Orders) -> list[list[int]]:
        """Return the nodes of each technician's tasks, without breaks.

        A visit of two people has a node for each; reloads are taken as they come.
        """
        free = {key: list(nodes) for key, nodes in self.node_of.items()}
        found = []
        for r, technician in enumerate(self.problem.technicians):
            row: list[int] = []
            reloads = list(range(*self.reloads[r]))
            for task in orders.get(technician.id, ()):
                if task.kind is StopKind.RELOAD:
                    place = task.halt.place
                    there = [n for n in reloads if self.nodes[n].place == place]
                    row += there[:1]
                    reloads = [n for n in reloads if n not in there[:1]]
                else:
                    row += [free[task.kind, task.id].pop(0)]
            found.append(row)
        return found

    def orders(self, rows: Sequence[Sequence[int]]) -> dict[str, list[Task]]:
        """Return what each technician does, from rows of nodes; breaks are left out."""
        found: dict[str, list[Task]] = {}
        for technician, row in zip(self.problem.technicians, rows, strict=True):
            tasks = [self.nodes[n].task for n in row]
            found[technician.id] = [one for one in tasks if one is not None]
        return found


def layout_of(problem: Problem) -> Layout:
    """Return the nodes and requests of `problem`."""
    found = Layout(problem)
    requests = requests_of(problem)
    pinned = {id_ for one in problem.technicians for id_ in (*one.first, *one.last)}
    for group in _groups(problem, requests):
        nodes: list[int] = []
        for request in group:
            copies = request.people if len(request.tasks) == 1 else 1
            for task in request.tasks * copies:
                nodes.append(len(found.nodes))
                found.node_of.setdefault((task.kind, task.id), []).append(nodes[-1])
                kind = _KINDS[task.kind]
                one = Node(kind, task.halt, task, task.halt.place, len(found.members))
                one.pinned = request.id in pinned and task.kind is StopKind.JOB
                found.nodes.append(one)
        if len(group) == 1 and len(group[0].tasks) == 2:
            found.nodes[nodes[0]].mate, found.nodes[nodes[1]].mate = nodes[::-1]
        found.requests.append(group)
        found.members.append(nodes)
    _add_weights(found)
    for technician in problem.technicians:
        _add_pauses(found, technician)
    for technician in problem.technicians:
        begin = len(found.nodes)
        reload = technician.reload
        for place in reload.places if reload else ():
            for _ in range(reload.times_max if reload else 0):
                task = reload_at(technician, place)
                found.nodes.append(Node(d.RELOAD, task.halt, task, place))
        found.reloads.append((begin, len(found.nodes)))
    for technician in problem.technicians:
        for kept_at, end in (
            (found.starts, technician.start),
            (found.ends, technician.end),
        ):
            kept_at.append(len(found.nodes))
            there = -1 if end is None else end
            found.nodes.append(Node(d.END, None, place=there))
    for r, technician in enumerate(problem.technicians):
        for kept, ids in (
            (found.first, technician.first),
            (found.last, technician.last),
        ):
            kept.append([found.node_of[StopKind.JOB, id_][0] for id_ in ids])
        found.kinds.append(_kind(problem, r, found.kinds))
    return found


_KINDS = {
    StopKind.JOB: d.VISIT,
    StopKind.PICKUP: d.PICKUP,
    StopKind.DELIVERY: d.DROP,
}


def _groups(
    problem: Problem, requests: Sequence[Request]
) -> Iterator[tuple[Request, ...]]:
    """Yield what is linked together, those that come first before the others."""
    visits = {one.id: one for one in requests if len(one.tasks) == 1}
    rank = {id_: n for n, id_ in enumerate(visits)}
    found: dict[str, set[str]] = {id_: {id_} for id_ in visits}
    for link in problem.links:
        both = found[link.first] | found[link.second]
        for id_ in both:
            found[id_] = both
    before: dict[str, set[str]] = {}
    for link in problem.links:
        before.setdefault(link.second, set()).add(link.first)
    done: set[str] = set()
    for request in requests:
        if len(request.tasks) == 2:
            yield (request,)
        elif request.id not in done:
            rest, group = set(found[request.id]), []
            while rest:
                # In a circle nothing comes first; then anything may.
                free = [one for one in rest if not before.get(one, set()) & rest]
                first = min(free or rest, key=rank.__getitem__)
                rest.discard(first)
                group.append(visits[first])
            done |= found[request.id]
            yield tuple(group)


def _add_weights(found: Layout) -> None:
    """Weigh what may be left out: first by priority, then by number."""
    count = sum(len(one.tasks) for group in found.requests for one in group)
    for group in found.requests:
        found.weights.append(
            sum((one.priority * (count + 1) + 1) * len(one.tasks) for one in group)
        )


def _add_pauses(found: Layout, technician: Technician) -> None:
    """Make a node of each break at a place; the search never takes it out."""
    nodes: list[int] = []
    turn = 0
    for pause in technician.breaks:
        if pause.place is None:
            turn += 1
            continue
        nodes.append(len(found.nodes))
        halt = Halt(
            place=pause.place, service_s=pause.duration_s, windows=pause.windows
        )
        node = Node(d.PAUSE, halt, None, pause.place)
        node.mate, node.turn = (0 if pause.is_paid else 1), turn
        found.nodes.append(node)
    found.pauses.append(nodes)


def _kind(problem: Problem, r: int, before: Sequence[int]) -> int:
    """Return the first technician who is like number `r` in everything that counts.

    Those with nodes of their own (reloads, breaks at a place, pinned visits), those a
    visit names, and everybody where persons matter, are like nobody else.
    """
    one = problem.technicians[r]
    own = one.reload is not None or bool(one.first or one.last)
    own = own or any(pause.place is not None for pause in one.breaks)
    persons = problem.evenness_price > 0 or any(
        link.same_person for link in problem.links
    )
    persons = persons or any(visit.people > 1 for visit in problem.visits)
    named = any(
        visit.given is not None
        or one.names & ((visit.allowed or one.names) | visit.forbidden)
        or one.names & visit.preferred
        for visit in problem.visits
        if visit.allowed is not None
        or visit.forbidden
        or visit.preferred
        or visit.given is not None
    )
    if own or persons or named:
        return r
    for n in dict.fromkeys(before):
        if replace(problem.technicians[n], id=one.id, person=one.person) == one:
            return n
    return r
