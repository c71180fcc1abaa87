/* The rules of technicians' days: what a route is, and where a visit costs least in it.

   Whether a visit fits between two others is told from how early the one can be left and
   how late the other can be reached, for each number of breaks taken.  Where moments
   have prices or limits of their own that is only a sieve: row_cost has the last word. */

#ifndef FSC_RICH_H
#define FSC_RICH_H

#include "row.h"

enum { TASKS = 1, TRAVEL = 2, DISTANCE = 3, SOFTS = 4, BUSY = 5, RICH_SUMS = 6 };

/* The state of a route, a row each: EARLY, LATE and LEAVE for each number of breaks (how
   early each stop can be left, how late reached, how late left); then for each dimension
   the most in the car up to a stop and from it on, and of what is used from it on, up to
   and from the next reload; then SOON and LAST, the best of EARLY and LATE whatever the
   breaks taken; then what the leg to a stop costs, in parts, and its place. */
static inline int64_t *early_of(const Days *d, const Solution *s, int64_t route,
                                int64_t k) {
    (void)d;
    return state_of(s, route) + k * s->width;
}

static inline int64_t *late_of(const Days *d, const Solution *s, int64_t route,
                               int64_t k) {
    return state_of(s, route) + (d->wide + k) * s->width;
}

static inline int64_t *leave_of(const Days *d, const Solution *s, int64_t route,
                                int64_t k) {
    return state_of(s, route) + (2 * d->wide + k) * s->width;
}

static inline int64_t *load_of(const Days *d, const Solution *s, int64_t route,
                               int64_t dimension, int64_t which) {
    return state_of(s, route) + (3 * d->wide + 3 * dimension + which) * s->width;
}

enum { SOON, LAST, LEG_COST, PLACE };

static inline int64_t *short_of(const Days *d, const Solution *s, int64_t route,
                                int64_t which) {
    return state_of(s, route) + (3 * (d->wide + d->dimensions) + which) * s->width;
}

static void write_shorts(const Days *d, Solution *s, int64_t route) {
    const int32_t *nodes = row_of(s, route);
    int64_t *soon = short_of(d, s, route, SOON), *last = short_of(d, s, route, LAST);
    int64_t *leg = short_of(d, s, route, LEG_COST), *place = short_of(d, s, route, PLACE);
    for (int64_t at = 0; at < s->size[route] + 2; at++) {
        soon[at] = FAR_S;
        last[at] = NEVER;
        for (int64_t k = 0; k < d->wide; k++) {
            soon[at] = least_of(soon[at], early_of(d, s, route, k)[at]);
            last[at] = most_of(last[at], late_of(d, s, route, k)[at]);
        }
        place[at] = d->nodes[nodes[at]].place;
        leg[at] = at > 0 ? leg_cost(d, route, place[at - 1], place[at]) : 0;
    }
}

static void write_sums(const Days *d, Solution *s, int64_t route) {
    const int32_t *nodes = row_of(s, route);
    int64_t *sums = sums_of(s, route), last = d->nodes[nodes[0]].place;
    for (int64_t n = TASKS; n < RICH_SUMS; n++) sums[n] = 0;
    for (int64_t at = 1; at <= s->size[route] + 1; at++) {
        int64_t node = nodes[at], place = d->nodes[node].place;
        sums[TRAVEL] += driven(d, route, last, place);
        sums[DISTANCE] += metres(d, route, last, place);
        if (at <= s->size[route]) {
            sums[SOFTS] += d->nodes[node].soft;
            if (is_task(d, node)) {
                sums[TASKS]++;
                sums[BUSY] += work_of(d, node, last);
            }
        }
        last = place;
    }
    sums[BUSY] = sums[TASKS] > 0 ? sums[BUSY] + sums[TRAVEL] : 0;
}

static void write_latest(const Days *d, Solution *s, int64_t route) {
    const Car *car = d->cars + route;
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route], breaks = car->pause_end - car->pause;
    for (int64_t k = 0; k < d->wide; k++) {
        late_of(d, s, route, k)[size + 1] = k == breaks ? car->over : NEVER;
        leave_of(d, s, route, k)[size + 1] = NEVER;
    }
    int64_t place = d->nodes[nodes[size + 1]].place;
    for (int64_t at = size; at >= 0; at--) {
        int64_t node = nodes[at], here = d->nodes[node].place;
        int64_t travel = driven(d, route, here, place);
        for (int64_t k = 0; k < d->wide; k++) {
            int64_t leave = NEVER;
            for (int64_t taken = k; taken <= breaks; taken++)
                leave = most_of(
                    leave, latest_drive(d, late_of(d, s, route, taken)[at + 1], travel,
                                        car->pause + k, car->pause + taken));
            leave_of(d, s, route, k)[at] = leave;
            if (at > 0)
                late_of(d, s, route, k)[at] = begin_by(
                    d, node, leave - work_of(d, node, d->nodes[nodes[at - 1]].place));
            int64_t turn = d->nodes[node].turn;
            if (at > 0 && turn >= 0 && turn != k) late_of(d, s, route, k)[at] = NEVER;
        }
        place = here;
    }
}

static void write_loads(const Days *d, Solution *s, int64_t route) {
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route];
    int apart = d->cars[route].apart == 1;
    for (int64_t n = 0; n < d->dimensions; n++) {
        int64_t *before = load_of(d, s, route, n, 0), *from = load_of(d, s, route, n, 1);
        int64_t *used_from = load_of(d, s, route, n, 2);
        int64_t begin = 0, used = d->rooms[route * d->dimensions + n].aboard;
        while (begin <= size) {
            int64_t clean = 0, end = begin, most = 0;
            while (end < size && d->nodes[nodes[end + 1]].kind != RELOAD) {
                end++;
                clean += d->amounts[nodes[end] * d->dimensions + n].deliver;
            }
            for (int64_t at = begin; at <= end; at++) {
                if (at > begin) {
                    const Amount *one = d->amounts + nodes[at] * d->dimensions + n;
                    clean += one->carry - one->deliver;
                    used += one->collect;
                }
                from[at] = apart ? clean : clean + used;
                most = most_of(most, from[at]);
                before[at] = most;
                used_from[at] = used;
            }
            for (int64_t at = end - 1; at >= begin; at--) {
                from[at] = most_of(from[at], from[at + 1]);
                used_from[at] = used_from[at + 1];
            }
            begin = end + 1;
            used = 0;
        }
    }
}

/* Work out what is remembered of a route from its sequence. */
static void rich_refresh(const void *rules, Solution *s, int64_t route) {
    const Days *d = rules;
    int64_t cost = row_cost(d, route, row_of(s, route), s->size[route]);
    int64_t places = s->size[route] + 2, wide = d->wide;
    write_sums(d, s, route);
    if (cost >= DEAR) {
        /* Whoever cannot even take their breaks stays at home. */
        sums_of(s, route)[COST] = sums_of(s, route)[TASKS] == 0 ? 0 : BROKEN;
        for (int64_t k = 0; k < wide; k++)
            for (int64_t at = 0; at < places; at++) {
                early_of(d, s, route, k)[at] = FAR_S;
                late_of(d, s, route, k)[at] = leave_of(d, s, route, k)[at] = NEVER;
            }
        write_shorts(d, s, route);
        return;
    }
    for (int64_t k = 0; k < wide; k++)
        for (int64_t at = 0; at < places; at++)
            early_of(d, s, route, k)[at] = d->early[at * 2 * wide + k];
    write_latest(d, s, route);
    write_shorts(d, s, route);
    write_loads(d, s, route);
    sums_of(s, route)[COST] = cost;
}

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
    int64_t price = d->price[node * d->route_count + route], size = s->size[route];
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
    int64_t end = last_free(d, s, route);
    for (int64_t at = first_free(d, s, route); at <= end; at++) {
        /* From here on it is too late. */
        if (soon[at - 1] > closes) break;
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
        if (cost >= below || at == skip) continue;
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
        if (!in_time(d, s, node, route, at)) continue;
        int64_t extra = cost / d->step + price;
        if (!strict) {
            row_with(d, s, node, route, at);
            int64_t whole = row_cost(d, route, d->row, size + 1);
            if (whole >= DEAR || whole - sums[COST] >= best) continue;
            extra = whole - sums[COST];
        }
        if (extra >= best) continue;
        best = extra;
        below = parts_below(d, best - price, best);
        found = at;
    }
    *extra_out = best;
    return found;
}

#endif
