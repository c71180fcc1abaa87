"""What is in the car, and whether it fits."""

from collections.abc import Sequence
from typing import NamedTuple

from routes.plan import StopKind
from routes.problem import Amounts, Technician, add, holds
from routes.timetable.tasks import Task


class Load(NamedTuple):
    """What is in the car on leaving a stop."""

    clean: Amounts
    """With all that is used in it, where both share one space."""
    used: Amounts
    """In a compartment of its own; () where there is none."""


def loads(technician: Technician, tasks: Sequence[Task]) -> list[Load]:
    """Return what is in the car at the start and after each of `tasks`.

    What is delivered is loaded at the start or at the reload before; what is collected
    stays to the end or the reload after, where everything used leaves the car.
    """
    apart = technician.used_capacity is not None
    clean, used = _to_deliver(tasks), technician.aboard
    found = [_load(clean, used, apart=apart)]
    for n, task in enumerate(tasks):
        if task.kind is StopKind.RELOAD:
            # Shipments do not pass a reload: all that is clean was delivered.
            clean, used = _to_deliver(tasks[n + 1 :]), ()
        clean = add(clean, task.deliver, sign=-1)
        sign = -1 if task.kind is StopKind.DELIVERY else 1
        clean = add(clean, task.amount, sign=sign)
        used = add(used, task.collect)
        found.append(_load(clean, used, apart=apart))
    return found


def fits_in_car(technician: Technician, tasks: Sequence[Task]) -> bool:
    """Return whether the load is never more than the technician's car takes."""
    return all(
        holds(technician.capacity, load.clean)
        and holds(technician.used_capacity or (), load.used)
        for load in loads(technician, tasks)
    )


def whole_between_reloads(tasks: Sequence[Task]) -> bool:
    """Return whether no shipment is in the car at a reload."""
    open_: set[str] = set()
    for task in tasks:
        if task.kind is StopKind.PICKUP:
            open_.add(task.id)
        elif task.kind is StopKind.DELIVERY:
            open_.discard(task.id)
        elif task.kind is StopKind.RELOAD and open_:
            return False
    return True


def _load(clean: Amounts, used: Amounts, *, apart: bool) -> Load:
    return Load(clean, used) if apart else Load(add(clean, used), ())


def _to_deliver(tasks: Sequence[Task]) -> Amounts:
    """Return what is delivered until the next reload."""
    found: Amounts = ()
    for task in tasks:
        if task.kind is StopKind.RELOAD:
            break
        found = add(found, task.deliver)
    return found
