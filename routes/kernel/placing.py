"""Putting a request where it costs least: one visit, two halves, or what is linked."""

from routes.kernel.anneal import ACCEPTED, BEST
from routes.kernel.compiled import compiled
from routes.kernel.days import (
    AFTER_SAME,
    ALIKE,
    DEAR,
    EVEN,
    FAR_S,
    FIRST,
    FROM,
    KIND,
    LAST,
    LEAST,
    LINK_KIND,
    LINKED,
    MOST,
    NEVER,
    PERSON,
    PICKUP,
    PLACE,
    RELOADS,
    RELOADS_END,
    SERVICE,
    SETUP,
    STEP,
    TASKS_MAX,
    TO,
    TOGETHER,
)
from routes.kernel.dice import chance
from routes.kernel.rich import BROKEN, BUSY, TASKS, look, refresh
from routes.kernel.row import leg_cost, row_cost
from routes.kernel.solution import COST, close_gaps, put

STAMP, EXTRA, AT = 0, 1, 2
RELOADED = 0.05
"""How often a reload is thought of where a visit fits without one."""
TRIES = 6
"""In how many cars the first of linked visits is tried."""
EVERYWHERE = 14
"""Up to so many stops a reload is tried in every place, not just beside the visit."""


@compiled
def place(data, solution, dice, request):
    """Put `request` where it costs least, and say whether there is such a place."""
    first, after = data.member_of[request, 0], data.member_of[request, 1]
    node = data.member[first]
    if after - first == 1 and data.nodes[node, LINKED] == 0:
        return _place_one(data, solution, dice, node)
    if data.nodes[node, KIND] == PICKUP:
        return _place_pair(data, solution, dice, node, data.member[first + 1])
    return _place_linked(data, solution, dice, first, after)


@compiled
def _cheapest(data, solution, dice, node, limit):
    """Return the route and the place where `node` costs least, below `limit`.

    Any place may be overlooked, with the chance `blink`: without that the same visits
    would come back to the same places.  (-1, 0) where there is none.
    """
    memo, version, touched = data.memo, solution.version, solution.touched
    linked = data.nodes[node, LINKED] == 1
    best, at, chosen, fresh = limit, 0, -1, -1
    for route in range(solution.count.shape[0]):
        if data.price[node, route] < 0 or data.tried[route] == 1:
            continue
        if solution.totals[route, TASKS] == 0:
            if data.routes[route, ALIKE] == fresh:
                continue
            fresh = data.routes[route, ALIKE]
        if linked or touched[route] == 1:
            extra, where = look(data, solution, node, route, best, 0)
            if where == 0:
                continue
        else:
            if memo[node, route, STAMP] != version[route]:
                extra, where = look(data, solution, node, route, DEAR, 0)
                memo[node, route, STAMP] = version[route]
                memo[node, route, EXTRA] = extra
                memo[node, route, AT] = where
            else:
                extra = memo[node, route, EXTRA]
                where = memo[node, route, AT]
            if where == 0 or extra >= best:
                continue
        if chance(dice) < data.blink:
            extra, where = look(data, solution, node, route, best, where)
            if where == 0:
                continue
        best, at, chosen = extra, where, route
    return chosen, at


@compiled
def _place_one(data, solution, dice, node):
    route, at = _cheapest(data, solution, dice, node, DEAR)
    if route < 0 or (data.reloads > 0 and chance(dice) < RELOADED):
        if _place_with_reload(data, solution, node, route, at):
            return True
        if route < 0:
            return False
    put(solution, route, at, node)
    refresh(data, solution, route)
    return True


@compiled
def _place_with_reload(data, solution, node, other, other_at):
    """Put `node` and a reload in where both cost least; False if that is nowhere.

    Or if it costs no less than `node` alone in the route `other`.
    """
    best, chosen, at, reload_at, reload = DEAR, -1, 0, 0, -1
    if other >= 0:
        extra, _ = look(data, solution, node, other, DEAR, 0)
        best = extra
    for route in range(solution.count.shape[0]):
        one = data.routes[route]
        if data.price[node, route] < 0 or one[RELOADS] == one[RELOADS_END]:
            continue
        totals = solution.totals[route]
        if totals[TASKS] == 0 or totals[TASKS] >= one[TASKS_MAX]:
            continue
        count = solution.count[route]
        seen = NEVER
        for free in range(one[RELOADS], one[RELOADS_END]):
            # Those at one place stand together: the first that is free will do.
            if solution.route_of[free] >= 0 or data.nodes[free, PLACE] == seen:
                continue
            seen = data.nodes[free, PLACE]
            for n in range(one[FIRST] + 1, count + 2 - one[LAST]):
                for m in range(one[FIRST] + 1, count + 3 - one[LAST]):
                    if count > EVERYWHERE and not n <= m <= n + 1:
                        continue
                    _with_both(data, solution, route, node, n, free, m)
                    cost = row_cost(data, route, data.row, count + 2, data.out)
                    if cost >= DEAR or cost - totals[COST] >= best:
                        continue
                    best = cost - totals[COST]
                    chosen, at, reload_at, reload = route, n, m, free
    if chosen < 0:
        return False
    put(solution, chosen, at, node)
    put(solution, chosen, reload_at, reload)
    refresh(data, solution, chosen)
    return True


@compiled
def _with_both(data, solution, route, node, at, other, other_at):
    """Write the row of `route` with `node` at `at`, then `other` at `other_at`."""
    nodes, row = solution.nodes[route], data.row
    source = 0
    for n in range(solution.count[route] + 4):
        if n == other_at:
            row[n] = other
            continue
        before_other = n if n < other_at else n - 1
        if before_other == at:
            row[n] = node
        else:
            row[n] = nodes[source]
            source += 1


@compiled
def _place_pair(data, solution, dice, pickup, drop):
    """Put both halves of a shipment into the route where they cost least."""
    best, chosen, from_at, to_at, fresh = DEAR, -1, 0, 0, -1
    here, there = data.nodes[pickup, PLACE], data.nodes[drop, PLACE]
    for route in range(solution.count.shape[0]):
        one, totals = data.routes[route], solution.totals[route]
        price = data.price[pickup, route]
        if price < 0 or totals[COST] >= BROKEN or totals[TASKS] + 2 > one[TASKS_MAX]:
            continue
        if totals[TASKS] == 0:
            if one[ALIKE] == fresh:
                continue
            fresh = one[ALIKE]
        nodes, count = solution.nodes[route], solution.count[route]
        step = data.plan[STEP]
        for n in range(one[FIRST] + 1, count + 2 - one[LAST]):
            last = data.nodes[nodes[n - 1], PLACE]
            following = data.nodes[nodes[n], PLACE]
            to_s = leg_cost(data.routes, data.travel, data.distance, route, last, here)
            if _too_early(data, solution, route, n, pickup):
                break
            around = (
                0
                if totals[TASKS] == 0
                else leg_cost(
                    data.routes, data.travel, data.distance, route, last, following
                )
            )
            for m in range(n, count + 2 - one[LAST]):
                next_place = data.nodes[nodes[m], PLACE]
                on_s = leg_cost(
                    data.routes, data.travel, data.distance, route, there, next_place
                )
                if m == n:
                    cost = (
                        to_s
                        + leg_cost(
                            data.routes, data.travel, data.distance, route, here, there
                        )
                        + on_s
                        - around
                    )
                else:
                    before = data.nodes[nodes[m - 1], PLACE]
                    cost = (
                        to_s
                        + leg_cost(
                            data.routes,
                            data.travel,
                            data.distance,
                            route,
                            here,
                            following,
                        )
                        - around
                        + leg_cost(
                            data.routes,
                            data.travel,
                            data.distance,
                            route,
                            before,
                            there,
                        )
                        + on_s
                        - leg_cost(
                            data.routes,
                            data.travel,
                            data.distance,
                            route,
                            before,
                            next_place,
                        )
                    )
                if cost // step + 2 * price >= best or chance(dice) < data.blink:
                    continue
                _with_both(data, solution, route, pickup, n, drop, m + 1)
                whole = row_cost(data, route, data.row, count + 2, data.out)
                if whole >= DEAR or whole - totals[COST] >= best:
                    continue
                best, chosen = whole - totals[COST], route
                from_at, to_at = n, m + 1
    if chosen < 0:
        return False
    put(solution, chosen, from_at, pickup)
    put(solution, chosen, to_at, drop)
    refresh(data, solution, chosen)
    return True


@compiled
def _too_early(data, solution, route, at, node):
    """Return whether every window of `node` is over when `at - 1` can be left."""
    first, after = data.nodes[node, 3], data.nodes[node, 4]
    if first == after or at == 1:
        return False
    closes = data.windows[after - 1, 1] + data.nodes[node, 5]
    return solution.state[route, 0, at - 1] > closes


@compiled
def _place_linked(data, solution, dice, first, after):
    """Put visits that are linked where they cost least one after another.

    For each the moments are agreed on when the next has found its place: whatever
    happens to the routes after that, the links hold.
    """
    data.tried[:] = 0
    for _ in range(TRIES):
        for n in range(first, after):
            data.agreed[data.member[n], 0] = 0
            data.agreed[data.member[n], 1] = FAR_S
        route, at = _cheapest(data, solution, dice, data.member[first], DEAR)
        if route < 0:
            break
        put(solution, route, at, data.member[first])
        refresh(data, solution, route)
        tried = route
        done = solution.totals[route, COST] < BROKEN
        for n in range(first + 1, after):
            done = done and _place_next(data, solution, dice, first, n)
        if done:
            data.tried[:] = 0
            return True
        _remove(data, solution, first, after)
        data.tried[tried] = 1
    data.tried[:] = 0
    _remove(data, solution, first, after)
    return False


@compiled
def _remove(data, solution, first, after):
    """Take the linked visits out again."""
    for n in range(first, after):
        node = data.member[n]
        route = solution.route_of[node]
        data.agreed[node, 0], data.agreed[node, 1] = 0, FAR_S
        if route >= 0:
            solution.route_of[node] = NEVER
            close_gaps(solution, route)
            refresh(data, solution, route)


@compiled
def _span(data, solution, node):
    """Return the earliest and latest moment at which a placed visit may begin."""
    route, at = solution.route_of[node], solution.place_of[node]
    wide = data.early.shape[1]
    last = data.nodes[solution.nodes[route, at - 1], PLACE]
    one = data.nodes[node]
    work = one[SERVICE] + (0 if one[PLACE] == last else one[SETUP])
    early, late = FAR_S, NEVER
    for k in range(wide):
        left = solution.state[route, k, at]
        if left < FAR_S and left - work <= solution.state[route, wide + k, at]:
            early = min(early, left - work)
            late = max(late, solution.state[route, wide + k, at])
    return early, late


@compiled
def _place_next(data, solution, dice, first, n):
    """Put the linked visit number `n` in, after those before it, and agree on when."""
    node = data.member[n]
    work_most = data.nodes[node, SERVICE] + data.nodes[node, SETUP]
    work_least = data.nodes[node, SERVICE]
    low, high = 0, FAR_S
    only, never = -1, -1
    for link in data.links:
        if link[TO] != node and link[FROM] != node:
            continue
        other = link[FROM] if link[TO] == node else link[TO]
        route = solution.route_of[other]
        if route < 0:
            continue
        early, late = _span(data, solution, other)
        if link[LINK_KIND] == TOGETHER:
            low, high = max(low, early), min(high, late)
            never = data.routes[route, PERSON]
        elif link[TO] == node:
            most = data.nodes[other, SERVICE] + data.nodes[other, SETUP]
            low = max(low, early + most + link[LEAST])
            if link[MOST] < FAR_S:
                high = min(high, late + data.nodes[other, SERVICE] + link[MOST])
        else:
            high = min(high, late - link[LEAST] - work_most)
            if link[MOST] < FAR_S:
                low = max(low, early - link[MOST] - work_least)
        if link[LINK_KIND] == AFTER_SAME:
            only = data.routes[route, PERSON]
    if low > high:
        return False
    data.agreed[node, 0], data.agreed[node, 1] = low, high
    for route in range(data.routes.shape[0]):
        person = data.routes[route, PERSON]
        apart = person == never or (only >= 0 and person != only)
        data.tried[route] = 1 if apart else 0
    route, at = _cheapest(data, solution, dice, node, DEAR)
    data.tried[:] = 0
    if route < 0:
        return False
    put(solution, route, at, node)
    refresh(data, solution, route)
    if solution.totals[route, COST] >= BROKEN:
        return False
    return _agree(data, solution, node)


@compiled
def _agree(data, solution, node):
    """Fix when `node` and those linked to it that are placed begin; say if they can."""
    begin, late = _span(data, solution, node)
    if begin > late:
        return False
    mine = data.nodes[node]
    low, high = begin, data.agreed[node, 1]
    for link in data.links:
        if link[TO] != node and link[FROM] != node:
            continue
        other = link[FROM] if link[TO] == node else link[TO]
        if solution.route_of[other] < 0:
            continue
        early, latest = _span(data, solution, other)
        if link[LINK_KIND] == TOGETHER:
            data.agreed[other, 0], data.agreed[other, 1] = begin, begin
            high = begin
        elif link[TO] == node:
            most = data.nodes[other, SERVICE] + data.nodes[other, SETUP]
            least = data.nodes[other, SERVICE]
            from_s, to_s = early, begin - link[LEAST] - most
            if link[MOST] < FAR_S:
                from_s = max(from_s, begin - link[MOST] - least)
                high = min(high, from_s + least + link[MOST])
            data.agreed[other, 0], data.agreed[other, 1] = from_s, to_s
        else:
            done = begin + mine[SERVICE] + mine[SETUP]
            from_s, to_s = max(early, done + link[LEAST]), latest
            high = min(high, from_s - link[LEAST] - mine[SERVICE] - mine[SETUP])
            if link[MOST] < FAR_S:
                to_s = min(to_s, begin + mine[SERVICE] + link[MOST])
            data.agreed[other, 0], data.agreed[other, 1] = from_s, to_s
        if data.agreed[other, 0] > data.agreed[other, 1]:
            return False
    data.agreed[node, 0], data.agreed[node, 1] = low, high
    if low > high:
        return False
    possible = True
    for link in data.links:
        if link[TO] == node or link[FROM] == node:
            other = link[FROM] if link[TO] == node else link[TO]
            route = solution.route_of[other]
            if route >= 0:
                refresh(data, solution, route)
                possible = possible and solution.totals[route, COST] < BROKEN
    route = solution.route_of[node]
    refresh(data, solution, route)
    return possible and solution.totals[route, COST] < BROKEN


@compiled
def drop_reloads(data, solution, route):
    """Take reloads out of `route` without which it costs no more."""
    one = data.routes[route]
    for free in range(one[RELOADS], one[RELOADS_END]):
        if solution.route_of[free] != route:
            continue
        nodes, count, row = solution.nodes[route], solution.count[route], data.row
        to = 0
        for n in range(count + 2):
            if nodes[n] != free:
                row[to] = nodes[n]
                to += 1
        cost = row_cost(data, route, row, count - 1, data.out)
        if cost < DEAR and cost <= solution.totals[route, COST]:
            solution.route_of[free] = NEVER
            close_gaps(solution, route)
            refresh(data, solution, route)


@compiled
def mend(data, solution, route):
    """Work `route` out anew from which something was taken, reloads too if needless."""
    refresh(data, solution, route)
    if data.reloads > 0:
        drop_reloads(data, solution, route)


@compiled
def settle(data, outcome):
    """Keep what linked visits agreed on, or go back to what they had."""
    for node in data.linked:
        for n in range(2):
            if outcome == ACCEPTED:
                data.kept_agreed[node, n] = data.agreed[node, n]
            elif outcome == BEST:
                data.best_agreed[node, n] = data.agreed[node, n]
            else:
                data.agreed[node, n] = data.kept_agreed[node, n]


@compiled
def beyond(data, solution):
    """Return by how much the change at hand makes uneven work dearer."""
    if data.plan[EVEN] == 0:
        return 0
    return _unevenness(data, solution.totals) - _unevenness(data, solution.kept_totals)


@compiled
def _unevenness(data, totals):
    busy = data.busy
    busy[:] = 0
    total = 0
    for route in range(data.routes.shape[0]):
        busy[data.routes[route, PERSON]] += totals[route, BUSY]
        total += totals[route, BUSY]
    over = 0.0
    for person in range(busy.shape[0]):
        over += max(0.0, busy[person] - total * data.share[person])
    return int(over * data.plan[EVEN] / data.plan[STEP])
