/* The rules of technicians' days: what a route is, and where a visit costs least in it.

   Whether a visit fits between two others is told from how early the one can be left and
   how late the other can be reached, for each number of breaks taken.  Where moments
   have prices or limits of their own that is only a sieve: row_cost has the last word. */

#ifndef FSC_RICH_H
#define FSC_RICH_H

#include "state.h"

static int has_room(const Days *d, const Solution *s, int64_t node, int64_t route,
                    int64_t at) {
    int apart = d->cars[route].apart == 1;
    for (int64_t n = 0; n < d->dimensions; n++) {
        const Amount *one = d->amounts + node * d->dimensions + n;
        const Room *room = d->rooms + route * d->dimensions + n;
        if (one->deliver == 0 && one->collect == 0) continue;
        if (load_of(d, s, route, n, 0)[at - 1] + one->deliver > room->clean) return 0;
        if (apart) {
            if (load_of(d, s, route, n, 2)[at - 1] + one->collect > room->used) return 0;
        } else if (load_of(d, s, route, n, 1)[at - 1] + one->collect > room->clean) {
            return 0;
        }
    }
    return 1;
}

/* Return whether a node fits between what is at `at` - 1 and at `at`. */
static int in_time(const Days *d, const Solution *s, int64_t node, int64_t route,
                   int64_t at) {
    const Car *car = d->cars + route;
    const int32_t *nodes = row_of(s, route);
    int64_t breaks = car->pause_end - car->pause, follower = nodes[at];
    int64_t last = d->nodes[nodes[at - 1]].place, here = d->nodes[node].place;
    int64_t there = d->nodes[follower].place, work = work_of(d, node, last);
    int64_t to_s = driven(d, route, last, here), on_s = driven(d, route, here, there);
    int other_setup = at <= s->size[route] && d->nodes[follower].setup > 0 &&
                      (there == here || there == last);
    for (int64_t before = 0; before <= breaks; before++) {
        int64_t left = early_of(d, s, route, before)[at - 1];
        if (left >= FAR_S) continue;
        for (int64_t taken = before; taken <= breaks; taken++) {
            int64_t time =
                drive(d, left, to_s, car->pause + before, car->pause + taken);
            if (time >= FAR_S) continue;
            int64_t begin = begin_of(d, node, time, 0);
            if (begin < 0) continue;
            for (int64_t after = taken; after <= breaks; after++) {
                int64_t limit = late_of(d, s, route, after)[at];
                if (other_setup) {
                    int64_t leave = leave_of(d, s, route, after)[at];
                    limit = begin_by(d, follower, leave - work_of(d, follower, here));
                }
                if (limit >= 0 && drive(d, begin + work, on_s, car->pause + taken,
                                        car->pause + after) <= limit)
                    return 1;
            }
        }
    }
    return 0;
}

/* Write the row of a route with a node at a place into the scratch row. */
static void row_with(const Days *d, const Solution *s, int64_t node, int64_t route,
                     int64_t at) {
    const int32_t *nodes = row_of(s, route);
    memcpy(d->row, nodes, (size_t)at * sizeof(int32_t));
    d->row[at] = (int32_t)node;
    memcpy(d->row + at + 1, nodes + at,
           (size_t)(s->size[route] + 2 - at) * sizeof(int32_t));
}

/* Return how long a route's tasks and driving take with a node at a place. */
static int64_t busy_with(const Days *d, const Solution *s, int64_t node, int64_t route,
                         int64_t at) {
    const int32_t *nodes = row_of(s, route);
    const int64_t *sums = sums_of(s, route);
    int64_t last = d->nodes[nodes[at - 1]].place, here = d->nodes[node].place;
    int64_t next = d->nodes[nodes[at]].place;
    int64_t busy = sums[TASKS] > 0 ? sums[BUSY] : sums[TRAVEL];
    busy += driven(d, route, last, here) + driven(d, route, here, next) -
            driven(d, route, last, next) + work_of(d, node, last);
    if (at <= s->size[route] && is_task(d, nodes[at]))
        busy += work_of(d, nodes[at], here) - work_of(d, nodes[at], last);
    return busy;
}

/* Return what a route costs more, in steps, with a node at a place, where there is room
   for it; DEAR if that is not below a limit.  The moments up to there are written. */
static int64_t cost_with(const Days *d, const Solution *s, int64_t node, int64_t route,
                         int64_t at, int64_t limit) {
    const int32_t *nodes = row_of(s, route);
    const int64_t *now = sums_of(s, route);
    int64_t last = d->nodes[nodes[at - 1]].place, here = d->nodes[node].place;
    int64_t next = d->nodes[nodes[at]].place;
    Sums sums = {
        .travel = now[TRAVEL] + driven(d, route, last, here) +
                  driven(d, route, here, next) - driven(d, route, last, next),
        .distance = now[DISTANCE] + metres(d, route, last, here) +
                    metres(d, route, here, next) - metres(d, route, last, next),
        .prices = now[PRICES] + d->price[node * d->route_count + route],
        .givens = now[GIVENS] + (d->nodes[node].given >= 0),
        .busy = busy_with(d, s, node, route, at),
    };
    row_with(d, s, node, route, at);
    int64_t whole = cost_from(d, route, d->row, s->size[route] + 1, at, &sums,
                              limit >= BROKEN ? DEAR : now[COST] + limit);
    return whole >= DEAR ? DEAR : whole - now[COST];
}

/* Return at least what the moments of a route cost, in parts. */
static int64_t timed_most(const Days *d, const Solution *s, int64_t route) {
    const Car *car = d->cars + route;
    const int64_t *sums = sums_of(s, route);
    if (sums[TASKS] == 0) return 0;
    return (sums[COST] - sums[PRICES] + 1) * d->step - car->fixed -
           car->per_s * sums[TRAVEL] - car->per_m * sums[DISTANCE];
}

/* Return the least that lateness and moved moments cost up to a stop, in parts. */
static int64_t due_by(const Days *d, const Solution *s, int64_t route, int64_t at) {
    int64_t least = DEAR, given = sums_of(s, route)[GIVENS] > 0 && d->moved_price > 0;
    for (int64_t k = 0; k < d->wide; k++) {
        if (early_of(d, s, route, k)[at] < FAR_S)
            least = least_of(least, due_of(d, s, route, k)[at]);
        if (given && kept_of(d, s, route, k)[at] < FAR_S)
            least = least_of(least, kept_of(d, s, route, d->wide + k)[at]);
    }
    return least;
}

/* Return how many parts cost less than so many steps; any do where there is no limit. */
static inline int64_t parts_below(const Days *d, int64_t steps, int64_t limit) {
    return limit >= BROKEN ? INT64_MAX : steps * d->step;
}

/* Return the first place after the visits that stay at a route's beginning.

   Breaks at places may stand before and among them. */
static inline int64_t first_free(const Days *d, const Solution *s, int64_t route) {
    const int32_t *nodes = row_of(s, route);
    int64_t at = 1;
    for (int64_t left = d->cars[route].first; left > 0; at++)
        left -= d->nodes[nodes[at]].kind != PAUSE;
    return at;
}

/* Return the last place before the visits that stay at a route's end. */
static inline int64_t last_free(const Days *d, const Solution *s, int64_t route) {
    const int32_t *nodes = row_of(s, route);
    int64_t at = s->size[route] + 1;
    for (int64_t left = d->cars[route].last; left > 0; at--)
        left -= d->nodes[nodes[at - 1]].kind != PAUSE;
    return at;
}

/* Find the cheapest place of a node in a route, below a limit and not at skip.

   Returns the place, 0 where there is none, and writes what it costs extra. */
static int64_t look(const Days *d, const Solution *s, int64_t node, int64_t route,
                    int64_t limit, int64_t skip, int64_t *extra_out) {
    const Car *car = d->cars + route;
    const Node *one = d->nodes + node;
    const int64_t *sums = sums_of(s, route);
    int64_t price = d->price[node * d->route_count + route];
    int64_t best = limit, found = 0, closes = FAR_S, opens = 0;
    *extra_out = limit;
    if (price < 0 || sums[COST] >= BROKEN || sums[TASKS] >= car->tasks_max) return 0;
    int empty = sums[TASKS] == 0;
    int strict = car->strict && sums[SOFTS] == 0 && !one->soft;
    if (empty) price += car->fixed / d->step;
    if (one->window_end > one->window) {
        opens = d->windows[one->window].opens;
        closes = d->windows[one->window_end - 1].closes + one->late_most;
    }
    if (one->linked) {
        opens = most_of(opens, d->agreed[node].low);
        closes = least_of(closes, d->agreed[node].high);
    }
    const int64_t *soon = short_of(d, s, route, SOON), *last = short_of(d, s, route, LAST);
    const int64_t *leg = short_of(d, s, route, LEG_COST);
    const int64_t *place = short_of(d, s, route, PLACE);
    int64_t here = one->place, service = one->service;
    /* In parts, so that nothing is divided on the way. */
    int64_t below = parts_below(d, best - price, best);
    int open = here < 0;
    const int32_t *out = d->travel + leg_of(d, route, open ? 0 : here, 0);
    const int32_t *in = d->travel_in + leg_of(d, route, open ? 0 : here, 0);
    int limited = car->travel_max < FAR_S || car->distance_max < FAR_S;
    int64_t end = last_free(d, s, route), begun = first_free(d, s, route);
    int64_t cheapest = 0, *bounds = d->bounds;
    int64_t timed = strict ? 0 : timed_most(d, s, route);
    for (int64_t at = begun; at <= end; at++) {
        /* From here on it is too late. */
        if (soon[at - 1] > closes) {
            end = at - 1;
            break;
        }
        bounds[at] = INT64_MAX;
        int64_t from = place[at - 1], to = place[at];
        /* Up to here the next stop could not wait for it; one at the same place has no
           setting up any more, and could. */
        if (last[at] < opens + service && to != here) continue;
        int64_t to_s = from < 0 ? 0 : in[from], on_s = to < 0 ? 0 : out[to];
        int64_t cost = car->per_s * (to_s + on_s);
        if (car->per_m)
            cost += car->per_m *
                    (metres(d, route, from, here) + metres(d, route, here, to));
        if (!empty) cost -= leg[at];
        if (strict && cost >= below) continue;
        if (at == skip) continue;
        int64_t begin = most_of(soon[at - 1] + to_s, opens);
        if (begin > closes) continue;
        if (begin + service + on_s > last[at] && to != here) continue;
        if (!has_room(d, s, node, route, at)) continue;
        if (limited) {
            int64_t travel = to_s + on_s - driven(d, route, from, to);
            if (sums[TRAVEL] + travel > car->travel_max) continue;
            if (car->distance_max < FAR_S &&
                sums[DISTANCE] + metres(d, route, from, here) +
                        metres(d, route, here, to) - metres(d, route, from, to) >
                    car->distance_max)
                continue;
        }
        if (!strict)
            cost += car->per_work_s * busy_with(d, s, node, route, at) +
                    due_by(d, s, route, at - 1) - timed;
        if (cost >= below) continue;
        bounds[at] = cost;
        if (cheapest == 0 || cost < bounds[cheapest]) cheapest = at;
    }
    /* What is likely to cost least first: that spares looking at most others. */
    int64_t written = 0;
    for (int64_t n = begun - 1; n <= end && cheapest > 0; n++) {
        int64_t at = n < begun ? cheapest : n;
        /* Of equals the first. */
        int64_t most = at < found ? best + 1 : best;
        if (n == cheapest || bounds[at] >= parts_below(d, most - price, most)) continue;
        if (!in_time(d, s, node, route, at)) continue;
        int64_t extra = bounds[at] / d->step + price;
        if (!strict) {
            write_moments(d, s, route, written, at);
            written = at;
            extra = cost_with(d, s, node, route, at, most);
        }
        if (extra >= most) continue;
        best = extra;
        found = at;
    }
    *extra_out = best;
    return found;
}

#endif
