"""What it costs that some are busier than others.

Busy is driving, setting up and serving; waiting, breaks and reloads are not.  The fair
share of a person is the busy time of all, divided by how long the shifts of each are.
"""

from collections.abc import Mapping

from routes.problem import Problem


def cost_of_evenness(problem: Problem, busy_s: Mapping[str, int]) -> int:
    """Return the price of what persons are busy beyond their fair share.

    `busy_s` is by shift; rounded to the nearest whole unit, a half upwards, once.
    """
    if not problem.evenness_price:
        return 0
    total_s = sum(busy_s.values())
    shift_s: dict[str, int] = {}
    busy_of: dict[str, int] = {}
    for one in problem.technicians:
        length_s = one.shift.closes_s - one.shift.opens_s
        shift_s[one.who] = shift_s.get(one.who, 0) + length_s
        busy_of[one.who] = busy_of.get(one.who, 0) + busy_s.get(one.id, 0)
    all_s = sum(shift_s.values())
    if not all_s:
        return 0
    # In seconds times all_s, so that nothing is rounded on the way.
    over = sum(
        max(0, busy_of[person] * all_s - total_s * length_s)
        for person, length_s in shift_s.items()
    )
    return (2 * problem.evenness_price * over + 3600 * all_s) // (7200 * all_s)
