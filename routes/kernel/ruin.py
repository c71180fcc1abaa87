"""Taking visits out: strings of them from routes that lie close to each other."""

import numpy as np

from routes.kernel.compiled import inlined
from routes.kernel.dice import below, chance
from routes.kernel.solution import ABSENT, TOUCHES, close_gaps, touch


@inlined
def take_out(solution, requests, node):
    """Take the request `node` belongs to out of its routes; places stay as gaps."""
    request = requests.of[node]
    for n in range(requests.member_of[request, 0], requests.member_of[request, 1]):
        one = requests.member[n]
        touch(solution, solution.route_of[one])
        solution.route_of[one] = -1
    solution.absent[solution.counters[ABSENT]] = request
    solution.counters[ABSENT] += 1


@inlined
def remove_strings(solution, requests, near, dice, mean_count, longest):
    """Take strings of visits out of routes near a random visit; close the gaps.

    On average `mean_count` visits go, at most `longest` from one route.  Half of the
    strings keep a few visits in the middle.

    Source: J. Christiaens, G. Vanden Berghe, "Slack Induction by String Removals for
    Vehicle Routing Problems", Transportation Science 54 (2), 2020, section 5.1.
    """
    nodes, count, route_of = solution.nodes, solution.count, solution.route_of
    visits = route_of.shape[0]
    used = 0
    for route in range(count.shape[0]):
        used += count[route] > 0
    if used == 0:
        return
    mean_length = (visits - solution.counters[ABSENT]) / used
    longest_string = min(float(longest), mean_length)
    most_strings = 4.0 * mean_count / (1.0 + longest_string) - 1.0
    strings = np.int64(chance(dice) * most_strings + 1.0)
    seed = below(dice, visits)
    for n in range(-1, near.shape[1]):
        if solution.counters[TOUCHES] >= strings:
            break
        node = seed if n < 0 else np.int64(near[seed, n])
        route = np.int64(route_of[node])
        if route < 0 or solution.touched[route] == 1:
            continue
        touch(solution, route)
        size = np.int64(count[route])
        length = np.int64(1.0 + chance(dice) * min(float(size), longest_string))
        length = min(length, size)
        gap = np.int64(0)
        if length > 1 and length < size and below(dice, 2) == 0:
            gap = np.int64(1)
            while length + gap < size and chance(dice) < 0.01:
                gap += 1
        _remove_string(solution, requests, dice, route, node, length, gap)
    for n in range(solution.counters[TOUCHES]):
        close_gaps(solution, solution.touches[n])


@inlined
def _remove_string(solution, requests, dice, route, node, length, gap):
    """Take `length` visits around `node` out, all but `gap` in their middle."""
    nodes, route_of = solution.nodes, solution.route_of
    size = np.int64(solution.count[route])
    span = length + gap
    place = np.int64(solution.place_of[node])
    lowest = max(np.int64(1), place - span + 1)
    highest = min(place, size - span + 1)
    begin = lowest + below(dice, highest - lowest + 1)
    spared = begin + 1 + below(dice, length - 1) if gap > 0 else begin + span
    for at in range(begin, begin + span):
        if spared <= at < spared + gap:
            continue
        one = nodes[route, at]
        if route_of[one] >= 0 and requests.of[one] >= 0:
            take_out(solution, requests, one)
