/* What is remembered of a technician's route: how early and late each stop can be left,
   what is in the car, and what it all adds up to. */

#ifndef FSC_STATE_H
#define FSC_STATE_H

#include "row.h"

enum { TASKS = 1, TRAVEL, DISTANCE, SOFTS, BUSY, PRICES, GIVENS, RICH_SUMS };

/* The state of a route, a row each: EARLY, LATE and LEAVE for each number of breaks (how
   early each stop can be left, how late reached, how late left); then for each dimension
   the most in the car up to a stop and from it on, and of what is used from it on, up to
   and from the next reload; then SOON and LAST, the best of EARLY and LATE whatever the
   breaks taken; then what the leg to a stop costs, in parts, and its place; then, again
   for each number of breaks, what `earliest` adds up; and where moments are given, both
   of it once more for those who keep them. */
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

static inline int64_t *due_of(const Days *d, const Solution *s, int64_t route, int64_t k) {
    return state_of(s, route) + (3 * (d->wide + d->dimensions) + PLACE + 1 + k) * s->width;
}

static inline int64_t *kept_of(const Days *d, const Solution *s, int64_t route, int64_t n) {
    return due_of(d, s, route, d->wide + n);
}

/* Keep the moments of a route that are written. */
static void keep_moments(const Days *d, const Solution *s, int64_t route) {
    int64_t places = s->size[route] + 2, wide = d->wide;
    int given = sums_of(s, route)[GIVENS] > 0 && d->moved_price > 0;
    const int64_t *early = moments(d, 0), *kept = moments(d, 1);
    for (int64_t k = 0; k < wide; k++) {
        int64_t *moment = early_of(d, s, route, k), *due = due_of(d, s, route, k);
        for (int64_t at = 0; at < places; at++) {
            moment[at] = early[at * 2 * wide + k];
            due[at] = early[(at * 2 + 1) * wide + k];
        }
    }
    int possible = 1;
    for (int64_t at = 0; at < places && given; at++) {
        /* Where it cannot be kept, what follows was not written. */
        int64_t soonest = FAR_S;
        for (int64_t k = 0; k < wide; k++)
            soonest = least_of(soonest, kept[at * 2 * wide + k]);
        possible &= soonest < FAR_S;
        for (int64_t n = 0; n < 2 * wide; n++)
            kept_of(d, s, route, n)[at] = possible ? kept[at * 2 * wide + n] : FAR_S;
    }
}

/* Write the moments of a route as they are, from one stop up to before another. */
static void write_moments(const Days *d, const Solution *s, int64_t route, int64_t from,
                          int64_t to) {
    int64_t wide = d->wide;
    int given = sums_of(s, route)[GIVENS] > 0;
    int64_t *early = moments(d, 0), *kept = moments(d, 1);
    for (int64_t at = from; at < to; at++)
        for (int64_t k = 0; k < wide; k++) {
            early[at * 2 * wide + k] = early_of(d, s, route, k)[at];
            early[(at * 2 + 1) * wide + k] = due_of(d, s, route, k)[at];
        }
    if (d->moved_price == 0) return;
    for (int64_t at = from; at < to; at++)
        for (int64_t n = 0; n < 2 * wide; n++)
            kept[at * 2 * wide + n] =
                given ? kept_of(d, s, route, n)[at] : early[at * 2 * wide + n];
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

/* Remember of a route what it costs and adds up to, and its moments, which are written. */
static void remember(const Days *d, Solution *s, int64_t route, const Sums *sums,
                     int64_t cost) {
    int64_t *kept = sums_of(s, route), places = s->size[route] + 2;
    kept[COST] = cost;
    kept[TASKS] = sums->tasks;
    kept[TRAVEL] = sums->travel;
    kept[DISTANCE] = sums->distance;
    kept[SOFTS] = sums->softs;
    kept[BUSY] = sums->tasks > 0 ? sums->busy : 0;
    kept[PRICES] = sums->prices;
    kept[GIVENS] = sums->givens;
    if (cost < DEAR) {
        keep_moments(d, s, route);
        write_latest(d, s, route);
        write_shorts(d, s, route);
        write_loads(d, s, route);
        return;
    }
    /* Whoever cannot even take their breaks stays at home. */
    kept[COST] = sums->tasks == 0 ? 0 : BROKEN;
    for (int64_t k = 0; k < d->wide; k++)
        for (int64_t at = 0; at < places; at++) {
            early_of(d, s, route, k)[at] = FAR_S;
            late_of(d, s, route, k)[at] = leave_of(d, s, route, k)[at] = NEVER;
        }
    write_shorts(d, s, route);
}

/* Work out what is remembered of a route from its sequence. */
static void rich_refresh(const void *rules, Solution *s, int64_t route) {
    const Days *d = rules;
    Sums sums;
    int64_t cost = row_cost(d, route, row_of(s, route), s->size[route], 1, DEAR, &sums);
    remember(d, s, route, &sums, cost);
}

#endif
