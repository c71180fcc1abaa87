"""The rules of technicians' days: what a route is, and where a visit costs least.

Whether a visit fits between two others is told from how early the one can be left and
how late the other can be reached, for each number of breaks taken.  Where times have
prices or limits of their own that is only a first sieve: `row_cost` has the last word.
"""

from routes.kernel.clock import drive, latest_drive
from routes.kernel.compiled import compiled
from routes.kernel.days import (
    ABOARD,
    APART,
    BREAK,
    BREAK_END,
    CARRY,
    CLEAN,
    COLLECT,
    DEAR,
    DELIVER,
    DISTANCE_MAX,
    FAR_S,
    FIRST,
    FIXED,
    KIND,
    LAST,
    LATE_MOST,
    LINKED,
    NEVER,
    OVER,
    PAUSE,
    PLACE,
    RELOAD,
    SOFT,
    STEP,
    STRICT,
    TASKS_MAX,
    TRAVEL_MAX,
    USED,
    WINDOW,
    WINDOW_END,
)
from routes.kernel.row import (
    begin_by,
    begin_of,
    driven,
    leg_cost,
    metres,
    row_cost,
    work_of,
)
from routes.kernel.solution import COST

TASKS, TRAVEL, DISTANCE, SOFTS, BUSY = 1, 2, 3, 4, 5
"""The totals of a route after its cost."""
TOTALS = 6
BROKEN = 2**55
"""What a route costs that no longer can be: no plan with one is taken."""
ROWS_OF_LOADS = 3
"""Rows of the state for each dimension: most in the car up to a stop and from it on, \
and of what is used from it on; up to and from the next reload."""


@compiled
def refresh(data, solution, route):
    """Work out what is remembered of `route` from its sequence."""
    nodes, count = solution.nodes[route], solution.count[route]
    state, totals = solution.state[route], solution.totals[route]
    wide = data.early.shape[1]
    cost = row_cost(data, route, nodes, count, data.out)
    if cost >= DEAR:
        totals[COST] = BROKEN
        for k in range(3 * wide):
            for at in range(count + 2):
                state[k, at] = FAR_S if k < wide else NEVER
        return
    breaks = data.routes[route, BREAK_END] - data.routes[route, BREAK]
    for at in range(count + 2):
        for k in range(wide):
            state[k, at] = data.out[at, k] if k <= breaks else FAR_S
    _latest(data, route, nodes, count, state)
    _loads(data, route, nodes, count, state[3 * wide :])
    _sums(data, route, nodes, count, totals)
    totals[COST] = cost


@compiled
def _sums(data, route, nodes, count, totals):
    """Write what is added up along the row into `totals`."""
    tasks, travel, distance, softs, busy = 0, 0, 0, 0, 0
    last = data.nodes[nodes[0], PLACE]
    for at in range(1, count + 2):
        node = nodes[at]
        place = data.nodes[node, PLACE]
        travel += driven(data.routes, data.travel, route, last, place)
        distance += metres(data.routes, data.distance, route, last, place)
        if at <= count:
            softs += data.nodes[node, SOFT]
            kind = data.nodes[node, KIND]
            if kind != RELOAD and kind != PAUSE:
                tasks += 1
                busy += work_of(data.nodes, node, last)
        last = place
    totals[TASKS] = tasks
    totals[TRAVEL] = travel
    totals[DISTANCE] = distance
    totals[SOFTS] = softs
    totals[BUSY] = busy + travel if tasks > 0 else 0


@compiled
def _latest(data, route, nodes, count, state):
    """Write how late each stop can be reached, and left, for each number of breaks."""
    wide = data.early.shape[1]
    one = data.routes[route]
    first, breaks = one[BREAK], one[BREAK_END] - one[BREAK]
    for k in range(wide):
        state[wide + k, count + 1] = one[OVER] if k == breaks else NEVER
        state[2 * wide + k, count + 1] = NEVER
    place = data.nodes[nodes[count + 1], PLACE]
    for at in range(count, -1, -1):
        node = nodes[at]
        here = data.nodes[node, PLACE]
        travel = driven(data.routes, data.travel, route, here, place)
        last = data.nodes[nodes[at - 1], PLACE] if at > 0 else NEVER
        for k in range(wide):
            leave = NEVER
            for taken in range(k, breaks + 1):
                leave = max(
                    leave,
                    latest_drive(
                        data.windows,
                        data.breaks,
                        state[wide + taken, at + 1],
                        travel,
                        first + k,
                        first + taken,
                    ),
                )
            state[2 * wide + k, at] = leave
            if at > 0:
                limit = leave - work_of(data.nodes, node, last)
                reach = (
                    begin_by(data.nodes, data.windows, data.agreed, node, limit)
                    if limit >= 0
                    else NEVER
                )
                state[wide + k, at] = reach
        place = here


@compiled
def _loads(data, route, nodes, count, state):
    """Write what is in the car at most before and after each stop, between reloads."""
    apart = data.routes[route, APART] == 1
    amounts, capacity = data.amounts, data.capacity[route]
    for d in range(amounts.shape[2]):
        before, after, used_after = (
            state[3 * d],
            state[3 * d + 1],
            state[3 * d + 2],
        )
        begin, used = 0, capacity[ABOARD, d]
        while begin <= count:
            clean, end = 0, begin
            while end < count and data.nodes[nodes[end + 1], KIND] != RELOAD:
                end += 1
                clean += amounts[nodes[end], DELIVER, d]
            most = 0
            for at in range(begin, end + 1):
                if at > begin:
                    node = nodes[at]
                    clean += amounts[node, CARRY, d] - amounts[node, DELIVER, d]
                    used += amounts[node, COLLECT, d]
                load = clean if apart else clean + used
                most = max(most, load)
                before[at] = most
                after[at] = load
                used_after[at] = used
            for at in range(end - 1, begin - 1, -1):
                after[at] = max(after[at], after[at + 1])
                used_after[at] = max(used_after[at], used_after[at + 1])
            begin, used = end + 1, 0


@compiled
def _holds(data, solution, node, route, at):
    """Return whether the car has room for `node` at place `at`."""
    wide = data.early.shape[1]
    apart = data.routes[route, APART] == 1
    state = solution.state[route]
    for d in range(data.amounts.shape[2]):
        deliver = data.amounts[node, DELIVER, d]
        collect = data.amounts[node, COLLECT, d]
        if deliver == 0 and collect == 0:
            continue
        row = 3 * wide + 3 * d
        room = data.capacity[route, CLEAN, d]
        if state[row, at - 1] + deliver > room:
            return False
        if apart:
            used = state[row + 2, at - 1] + collect
            if used > data.capacity[route, USED, d]:
                return False
        elif state[row + 1, at - 1] + collect > room:
            return False
    return True


@compiled
def _in_time(data, solution, node, route, at):
    """Return whether `node` fits between what is at `at - 1` and at `at`."""
    wide = data.early.shape[1]
    one = data.routes[route]
    first, breaks = one[BREAK], one[BREAK_END] - one[BREAK]
    state, nodes = solution.state[route], solution.nodes[route]
    follower = nodes[at]
    last = data.nodes[nodes[at - 1], PLACE]
    here = data.nodes[node, PLACE]
    there = data.nodes[follower, PLACE]
    work = work_of(data.nodes, node, last)
    to_s = driven(data.routes, data.travel, route, last, here)
    on_s = driven(data.routes, data.travel, route, here, there)
    ends = at > solution.count[route]
    other_setup = not ends and (there == here or there == last)
    for before in range(breaks + 1):
        left = state[before, at - 1]
        if left >= FAR_S:
            continue
        for taken in range(before, breaks + 1):
            time = drive(
                data.windows, data.breaks, left, to_s, first + before, first + taken
            )
            if time >= FAR_S:
                continue
            begin = begin_of(data.nodes, data.windows, data.agreed, node, time, False)
            if begin < 0:
                continue
            for after in range(taken, breaks + 1):
                arrival = drive(
                    data.windows,
                    data.breaks,
                    begin + work,
                    on_s,
                    first + taken,
                    first + after,
                )
                limit = state[wide + after, at]
                if other_setup:
                    leave = state[2 * wide + after, at]
                    leave -= work_of(data.nodes, follower, here)
                    limit = (
                        begin_by(data.nodes, data.windows, data.agreed, follower, leave)
                        if leave >= 0
                        else NEVER
                    )
                if arrival <= limit:
                    return True
    return False


@compiled
def _with(data, solution, node, route, at):
    """Write the row of `route` with `node` at `at` into the scratch row."""
    nodes, row = solution.nodes[route], data.row
    for n in range(at):
        row[n] = nodes[n]
    row[at] = node
    for n in range(at, solution.count[route] + 2):
        row[n + 1] = nodes[n]


@compiled
def look(data, solution, node, route, limit, skip):
    """Return the cheapest extra cost below `limit` of `node` in `route`, and its place.

    The place `skip` is passed over; 0 where there is none.
    """
    price = data.price[node, route]
    one, totals = data.routes[route], solution.totals[route]
    empty = totals[TASKS] == 0
    best, found = limit, 0
    if price < 0 or totals[COST] >= BROKEN or totals[TASKS] >= one[TASKS_MAX]:
        return best, found
    if empty:
        price += one[FIXED] // data.plan[STEP]
    strict = one[STRICT] == 1 and totals[SOFTS] == 0 and data.nodes[node, SOFT] == 0
    nodes, count = solution.nodes[route], solution.count[route]
    here = data.nodes[node, PLACE]
    closes = FAR_S
    if data.nodes[node, WINDOW_END] > data.nodes[node, WINDOW]:
        closes = data.windows[data.nodes[node, WINDOW_END] - 1, 1]
        closes += data.nodes[node, LATE_MOST]
    if data.nodes[node, LINKED] == 1:
        closes = min(closes, data.agreed[node, 1])
    for at in range(one[FIRST] + 1, count + 2 - one[LAST]):
        if solution.state[route, 0, at - 1] > closes and at > 1:
            # Without breaks it is earliest; from here on it is too late.
            break
        if at == skip:
            continue
        last = data.nodes[nodes[at - 1], PLACE]
        there = data.nodes[nodes[at], PLACE]
        cost = leg_cost(
            data.routes, data.travel, data.distance, route, last, here
        ) + leg_cost(data.routes, data.travel, data.distance, route, here, there)
        if not empty:
            cost -= leg_cost(
                data.routes, data.travel, data.distance, route, last, there
            )
        extra = cost // data.plan[STEP] + price
        if extra >= best or not _holds(data, solution, node, route, at):
            continue
        travel = driven(data.routes, data.travel, route, last, here) + driven(
            data.routes, data.travel, route, here, there
        )
        distance = metres(data.routes, data.distance, route, last, here) + metres(
            data.routes, data.distance, route, here, there
        )
        if (
            totals[TRAVEL]
            + travel
            - driven(data.routes, data.travel, route, last, there)
            > one[TRAVEL_MAX]
        ):
            continue
        if (
            totals[DISTANCE]
            + distance
            - metres(data.routes, data.distance, route, last, there)
            > one[DISTANCE_MAX]
        ):
            continue
        if not _in_time(data, solution, node, route, at):
            continue
        if not strict:
            _with(data, solution, node, route, at)
            cost = row_cost(data, route, data.row, count + 1, data.out)
            if cost >= DEAR or cost - totals[COST] >= best:
                continue
            extra = cost - totals[COST]
        best, found = extra, at
    return best, found
