"""What a whole row of stops comes to: the exact word on whether it can be done.

`routes.timing` does the same for plans that are to be told; a test holds them equal.
"""

from routes.kernel.clock import begin_at, drive, late_by, latest_begin, latest_drive
from routes.kernel.compiled import compiled, inlined
from routes.kernel.days import (
    ABOARD,
    APART,
    BREAK,
    BREAK_END,
    BREAK_PAID,
    BREAK_S,
    CARRY,
    CLEAN,
    CLOSES,
    COLLECT,
    DEAR,
    DELIVER,
    DISTANCE_MAX,
    DROP,
    FAR_S,
    FIXED,
    GIVEN,
    KIND,
    LATE_MOST,
    LATE_PRICE,
    LINKED,
    MATE,
    MOVED,
    NEVER,
    OPENS,
    OVER,
    PAUSE,
    PER_M,
    PER_OVER_S,
    PER_S,
    PER_WORK_S,
    PICKUP,
    PLACE,
    RELOAD,
    SERVICE,
    SETUP,
    SPEED,
    STEP,
    TASKS_MAX,
    TRAVEL_MAX,
    USED,
    WINDOW,
    WINDOW_END,
    WORK_MAX,
)


@inlined
def driven(routes, travel, route, last, place):
    """Return the seconds from one place to another; nothing from and to open ends."""
    if last < 0 or place < 0:
        return 0
    return travel[routes[route, SPEED], last, place]


@inlined
def metres(routes, distance, route, last, place):
    """Return the metres from one place to another, as far as they are known."""
    if last < 0 or place < 0:
        return 0
    return distance[routes[route, SPEED], last, place]


@inlined
def leg_cost(routes, travel, distance, route, last, place):
    """Return what driving from one place to another costs."""
    if last < 0 or place < 0:
        return 0
    one = routes[route]
    return (
        one[PER_S] * travel[one[SPEED], last, place]
        + one[PER_M] * distance[one[SPEED], last, place]
    )


@inlined
def work_of(nodes, node, last):
    """Return how long the work at `node` takes for one who comes from place `last`."""
    one = nodes[node]
    return one[SERVICE] + (0 if one[PLACE] == last else one[SETUP])


@inlined
def begin_of(nodes, windows, agreed, node, time, keep):
    """Return when work at `node` may begin from `time` on; -1: too late.

    With `keep` not before what was given, where that can be.
    """
    one = nodes[node]
    if one[LINKED] == 1:
        time = max(time, agreed[node, 0])
    begin = begin_at(windows, one[WINDOW], one[WINDOW_END], one[LATE_MOST], time)
    if keep and begin >= 0 and one[GIVEN] > begin:
        later = begin_at(windows, one[WINDOW], one[WINDOW_END], 0, one[GIVEN])
        if later >= 0:
            begin = later
    if one[LINKED] == 1 and begin > agreed[node, 1]:
        return NEVER
    return begin


@inlined
def begin_by(nodes, windows, agreed, node, limit):
    """Return the last moment up to `limit` at which work at `node` may begin."""
    one = nodes[node]
    if one[LINKED] == 1:
        limit = min(limit, agreed[node, 1])
    begin = latest_begin(windows, one[WINDOW], one[WINDOW_END], one[LATE_MOST], limit)
    if one[LINKED] == 1 and begin < agreed[node, 0]:
        return NEVER
    return begin


@compiled
def fits(data, route, nodes, count):
    """Return whether the row keeps the capacities, and pairs stay whole.

    Reloads empty what is used and load what is delivered up to the next.
    """
    apart = data.routes[route, APART] == 1
    amounts, capacity = data.amounts, data.capacity[route]
    for d in range(amounts.shape[2]):
        at, used = 0, capacity[ABOARD, d]
        while at <= count:
            clean = 0
            for n in range(at + 1, count + 1):
                if data.nodes[nodes[n], KIND] == RELOAD:
                    break
                clean += amounts[nodes[n], DELIVER, d]
            while True:
                all_of_it = clean if apart else clean + used
                if all_of_it > capacity[CLEAN, d]:
                    return False
                if apart and used > capacity[USED, d]:
                    return False
                at += 1
                if at > count:
                    break
                node = nodes[at]
                if data.nodes[node, KIND] == RELOAD:
                    if clean > 0:
                        return False
                    used = 0
                    break
                clean += amounts[node, CARRY, d] - amounts[node, DELIVER, d]
                used += amounts[node, COLLECT, d]
    return True


@compiled
def _times(data, route, nodes, count, keep, out):
    """Write the earliest moments of leaving each stop into `out`; return the end's.

    [place, breaks taken]; what lateness costs up to there is in the columns after.
    FAR_S if the row cannot be done.
    """
    one = data.routes[route]
    first, breaks = one[BREAK], one[BREAK_END] - one[BREAK]
    for k in range(breaks + 1):
        out[0, k] = FAR_S
        out[0, breaks + 1 + k] = 0
    out[0, 0] = one[OPENS]
    last = data.nodes[nodes[0], PLACE]
    for at in range(1, count + 2):
        node = nodes[at]
        place = data.nodes[node, PLACE]
        travel = driven(data.routes, data.travel, route, last, place)
        possible = False
        for k in range(breaks + 1):
            best, best_late = FAR_S, 0
            for before in range(k + 1):
                left = out[at - 1, before]
                if left >= FAR_S:
                    continue
                time = drive(
                    data.windows, data.breaks, left, travel, first + before, first + k
                )
                if time >= FAR_S:
                    continue
                late = out[at - 1, breaks + 1 + before]
                if at <= count:
                    begin = begin_of(
                        data.nodes, data.windows, data.agreed, node, time, keep
                    )
                    if begin < 0:
                        continue
                    if data.nodes[node, LATE_PRICE] > 0:
                        late += data.nodes[node, LATE_PRICE] * late_by(
                            data.windows,
                            data.nodes[node, WINDOW],
                            data.nodes[node, WINDOW_END],
                            begin,
                        )
                    if data.nodes[node, GIVEN] >= 0:
                        late += data.plan[MOVED] * abs(begin - data.nodes[node, GIVEN])
                    time = begin + work_of(data.nodes, node, last)
                elif time > one[OVER]:
                    continue
                if time < best or (time == best and late < best_late):
                    best, best_late = time, late
            out[at, k] = best
            out[at, breaks + 1 + k] = best_late
            possible = possible or best < FAR_S
        if not possible:
            return FAR_S
        last = place
    return out[count + 1, breaks]


@compiled
def _leaves(data, route, nodes, count, finish, out):
    """Return how late the route may be left to be over at `finish` and cost no more."""
    one = data.routes[route]
    first, breaks = one[BREAK], one[BREAK_END] - one[BREAK]
    latest = data.early
    for k in range(breaks + 1):
        latest[0, k] = NEVER
    latest[0, breaks] = finish
    place = data.nodes[nodes[count + 1], PLACE]
    for at in range(count, -1, -1):
        node = nodes[at]
        here = data.nodes[node, PLACE]
        travel = driven(data.routes, data.travel, route, here, place)
        last = data.nodes[nodes[at - 1], PLACE] if at > 0 else 0
        for k in range(breaks + 1):
            leave = NEVER
            for taken in range(k, breaks + 1):
                leave = max(
                    leave,
                    latest_drive(
                        data.windows,
                        data.breaks,
                        latest[0, taken],
                        travel,
                        first + k,
                        first + taken,
                    ),
                )
            if at > 0 and leave >= 0:
                work = work_of(data.nodes, node, last)
                limit = leave - work
                soft = data.nodes[node, LATE_PRICE] > 0 or data.nodes[node, GIVEN] >= 0
                if soft:
                    # What is late must not be later, and what is kept stays so.
                    begun = out[at, k] - work
                    late = late_by(
                        data.windows,
                        data.nodes[node, WINDOW],
                        data.nodes[node, WINDOW_END],
                        begun,
                    )
                    if late > 0 or data.nodes[node, GIVEN] >= 0:
                        limit = min(limit, begun)
                    elif data.nodes[node, LATE_MOST] > 0:
                        limit = latest_begin(
                            data.windows,
                            data.nodes[node, WINDOW],
                            data.nodes[node, WINDOW_END],
                            0,
                            limit,
                        )
                leave = (
                    begin_by(data.nodes, data.windows, data.agreed, node, limit)
                    if limit >= 0
                    else NEVER
                )
            latest[1, k] = leave
        for k in range(breaks + 1):
            latest[0, k] = latest[1, k]
        place = here
    return latest[0, 0]


@compiled
def _timed_cost(data, route, nodes, count, keep, out):
    """Return what being late, at work and over time costs; DEAR if it cannot be."""
    one = data.routes[route]
    finish = _times(data, route, nodes, count, keep, out)
    if finish >= FAR_S:
        return DEAR
    breaks = one[BREAK_END] - one[BREAK]
    cost = out[count + 1, 2 * breaks + 1]
    if finish > one[CLOSES]:
        cost += one[PER_OVER_S] * (finish - one[CLOSES])
    if one[PER_WORK_S] > 0 or one[WORK_MAX] < FAR_S:
        work = finish - _leaves(data, route, nodes, count, finish, out)
        for n in range(one[BREAK], one[BREAK_END]):
            if data.breaks[n, BREAK_PAID] == 0:
                work -= data.breaks[n, BREAK_S]
        for at in range(1, count + 1):
            node = nodes[at]
            if data.nodes[node, KIND] == PAUSE and data.nodes[node, MATE] == 1:
                work -= data.nodes[node, SERVICE]
        if work > one[WORK_MAX]:
            return DEAR
        cost += one[PER_WORK_S] * work
    return cost


@compiled
def row_cost(data, route, nodes, count, out):
    """Return what the row costs in all, in the search's units; DEAR if it cannot be.

    `out` is left with the earliest moments of leaving, as `_times` writes them, where
    it costs less than DEAR.
    """
    one = data.routes[route]
    tasks, travel, distance, cost, prices = 0, 0, 0, 0, 0
    given = False
    last = data.nodes[nodes[0], PLACE]
    for at in range(1, count + 2):
        node = nodes[at]
        place = data.nodes[node, PLACE]
        travel += driven(data.routes, data.travel, route, last, place)
        distance += metres(data.routes, data.distance, route, last, place)
        last = place
        if at > count:
            break
        kind = data.nodes[node, KIND]
        if kind != RELOAD and kind != PAUSE:
            tasks += 1
            prices += data.price[node, route]
        given = given or data.nodes[node, GIVEN] >= 0
    if tasks == 0:
        _times(data, route, nodes, count, False, out)
        return 0
    if tasks > one[TASKS_MAX] or travel > one[TRAVEL_MAX]:
        return DEAR
    if distance > one[DISTANCE_MAX] or not fits(data, route, nodes, count):
        return DEAR
    for at in range(1, count + 1):
        node = nodes[at]
        if data.nodes[node, KIND] == DROP:
            found = False
            for before in range(1, at):
                found = found or nodes[before] == data.nodes[node, MATE]
            if not found:
                return DEAR
        elif data.nodes[node, KIND] == PICKUP:
            found = False
            for after in range(at + 1, count + 1):
                if data.nodes[nodes[after], KIND] == RELOAD:
                    break
                found = found or nodes[after] == data.nodes[node, MATE]
            if not found:
                return DEAR
    cost = one[PER_S] * travel + one[PER_M] * distance + one[FIXED]
    timed = DEAR
    if given and data.plan[MOVED] > 0:
        timed = _timed_cost(data, route, nodes, count, True, out)
    # Last, so that `out` says how early each stop can be left.
    timed = min(timed, _timed_cost(data, route, nodes, count, False, out))
    if timed >= DEAR:
        return DEAR
    return (cost + timed) // data.plan[STEP] + prices
