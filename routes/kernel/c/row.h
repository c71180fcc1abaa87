/* What a whole row of stops comes to: the exact word on whether it can be done.

   routes.timetable.timing does the same for plans that are to be told; a test holds them equal. */

#ifndef FSC_ROW_H
#define FSC_ROW_H

#include "days.h"

/* Return whether a row keeps the capacities.

   Reloads empty what is used and load what is delivered up to the next. */
static int fits(const Days *d, int64_t route, const int32_t *nodes, int64_t size) {
    int apart = d->cars[route].apart == 1;
    for (int64_t n = 0; n < d->dimensions; n++) {
        const Room *room = d->rooms + route * d->dimensions + n;
        int64_t at = 0, used = room->aboard;
        while (at <= size) {
            int64_t clean = 0;
            for (int64_t later = at + 1; later <= size; later++) {
                if (d->nodes[nodes[later]].kind == RELOAD) break;
                clean += d->amounts[nodes[later] * d->dimensions + n].deliver;
            }
            for (;;) {
                if ((apart ? clean : clean + used) > room->clean) return 0;
                if (apart && used > room->used) return 0;
                if (++at > size) break;
                if (d->nodes[nodes[at]].kind == RELOAD) {
                    used = 0;
                    break;
                }
                const Amount *one = d->amounts + nodes[at] * d->dimensions + n;
                clean += one->carry - one->deliver;
                used += one->collect;
            }
        }
    }
    return 1;
}

/* Return whether shipments in a row are fetched before they are brought, and none is
   in the car at a reload. */
static int pairs(const Days *d, const int32_t *nodes, int64_t size) {
    for (int64_t at = 1; at <= size; at++) {
        const Node *one = d->nodes + nodes[at];
        if (one->kind != PICKUP && one->kind != DROP) continue;
        int64_t step = one->kind == PICKUP ? 1 : -1, found = 0;
        for (int64_t n = at + step; n >= 1 && n <= size && !found; n += step) {
            if (d->nodes[nodes[n]].kind == RELOAD) break;
            found = nodes[n] == one->mate;
        }
        if (!found) return 0;
    }
    return 1;
}

/* Return where the earliest moments of a row are written: for each place a row, by how
   many breaks were taken, then what lateness and moved moments cost up to there.

   There is one such table for those who begin as soon as they can, and one for those
   who keep what was given. */
static inline int64_t *moments(const Days *d, int keep) {
    return d->early + keep * (d->node_count + ROW_MORE) * 2 * d->wide;
}

/* Write the earliest moments of leaving each stop from one on; return the end's.

   What stands before is taken as it is.  FAR_S if the row cannot be done, or if
   lateness and moved moments alone cost as much as a limit. */
static int64_t earliest(const Days *d, int64_t route, const int32_t *nodes,
                        int64_t size, int64_t from, int keep, int64_t limit) {
    const Car *car = d->cars + route;
    int64_t breaks = car->pause_end - car->pause, wide = d->wide;
    int64_t *early = moments(d, keep), last = d->nodes[nodes[from - 1]].place;
    for (int64_t k = 0; k < wide && from == 1; k++) {
        early[k] = k == 0 ? car->opens : FAR_S;
        early[wide + k] = 0;
    }
    for (int64_t at = from; at <= size + 1; at++) {
        const int64_t *before = early + (at - 1) * 2 * wide;
        int64_t *now = early + at * 2 * wide, least = DEAR;
        int64_t node = nodes[at], place = d->nodes[node].place;
        const Node *one = d->nodes + node;
        int64_t travel = driven(d, route, last, place);
        for (int64_t k = 0; k <= breaks; k++) {
            int64_t best = FAR_S, best_late = 0;
            /* Breaks keep their order, those at a place among those at none. */
            int64_t most = one->turn >= 0 && one->turn != k ? -1 : k;
            for (int64_t taken = 0; taken <= most; taken++) {
                if (before[taken] >= FAR_S) continue;
                int64_t time = drive(d, before[taken], travel, car->pause + taken,
                                     car->pause + k);
                int64_t late = before[wide + taken];
                if (time >= FAR_S) continue;
                if (at <= size) {
                    int64_t begin = begin_of(d, node, time, keep);
                    if (begin < 0) continue;
                    if (one->late_price > 0)
                        late += one->late_price * late_by(d->windows, one->window,
                                                          one->window_end, begin);
                    if (one->given >= 0)
                        late += d->moved_price * (begin > one->given
                                                      ? begin - one->given
                                                      : one->given - begin);
                    time = begin + work_of(d, node, last);
                } else if (time > car->over) {
                    continue;
                }
                if (time < best || (time == best && late < best_late)) {
                    best = time;
                    best_late = late;
                }
            }
            /* Too late for the next break is too late for what follows. */
            if (k < breaks && best > last_begin(d, car->pause + k)) best = FAR_S;
            now[k] = best;
            now[wide + k] = best_late;
            if (best < FAR_S) least = least_of(least, best_late);
        }
        for (int64_t k = breaks + 1; k < wide; k++) now[k] = FAR_S;
        if (least >= limit) return FAR_S;
        last = place;
    }
    return early[(size + 1) * 2 * wide + breaks];
}

/* Return how late a route may be left to be over at a moment and cost no more.

   `early` is what `earliest` wrote. */
static int64_t latest_leave(const Days *d, int64_t route, const int32_t *nodes,
                            int64_t size, const int64_t *early, int64_t finish) {
    const Car *car = d->cars + route;
    int64_t breaks = car->pause_end - car->pause, wide = d->wide;
    int64_t *reach = d->late, *next = d->late + wide;
    for (int64_t k = 0; k <= breaks; k++) reach[k] = k == breaks ? finish : NEVER;
    int64_t place = d->nodes[nodes[size + 1]].place;
    for (int64_t at = size; at >= 0; at--) {
        int64_t node = nodes[at], here = d->nodes[node].place;
        const Node *one = d->nodes + node;
        int64_t travel = driven(d, route, here, place);
        for (int64_t k = 0; k <= breaks; k++) {
            int64_t leave = NEVER;
            if (early[at * 2 * wide + k] >= FAR_S) {
                next[k] = NEVER;
                continue;
            }
            int64_t first = at > 0 && one->turn >= 0 && one->turn != k ? breaks + 1 : k;
            for (int64_t taken = first; taken <= breaks; taken++)
                leave = most_of(leave, latest_drive(d, reach[taken], travel,
                                                    car->pause + k, car->pause + taken));
            if (at > 0 && leave >= 0) {
                int64_t work = work_of(d, node, d->nodes[nodes[at - 1]].place);
                int64_t limit = leave - work;
                if (one->soft && limit >= 0) {
                    /* What is late must not be later, what is kept stays so. */
                    int64_t begun = early[at * 2 * wide + k] - work;
                    int64_t late =
                        late_by(d->windows, one->window, one->window_end, begun);
                    if (late > 0 || one->given >= 0)
                        limit = least_of(limit, begun);
                    else if (one->late_most > 0)
                        limit = latest_begin(d->windows, one->window, one->window_end,
                                             0, limit);
                }
                leave = begin_by(d, node, limit);
            }
            next[k] = leave;
        }
        for (int64_t k = 0; k <= breaks; k++) reach[k] = next[k];
        place = here;
    }
    return reach[0];
}

/* Return what being late, at work and over time costs, if that is below a limit; else
   DEAR. */
static int64_t timed_cost(const Days *d, int64_t route, const int32_t *nodes,
                          int64_t size, int64_t from, int64_t busy, int keep,
                          int64_t limit) {
    const Car *car = d->cars + route;
    int64_t breaks = car->pause_end - car->pause, wide = d->wide;
    /* Whoever drives and works so long is at work for at least as long. */
    int64_t least = car->per_work_s * busy;
    int64_t finish = earliest(d, route, nodes, size, from, keep, limit - least);
    if (finish >= FAR_S) return DEAR;
    const int64_t *early = moments(d, keep);
    int64_t cost = early[(size + 1) * 2 * wide + wide + breaks];
    if (finish > car->closes) cost += car->per_over_s * (finish - car->closes);
    if (cost + least >= limit) return DEAR;
    if (car->per_work_s > 0 || car->work_max < FAR_S) {
        int64_t work = finish - latest_leave(d, route, nodes, size, early, finish);
        for (int64_t n = car->pause; n < car->pause_end; n++)
            if (!d->pauses[n].paid) work -= d->pauses[n].length;
        for (int64_t at = 1; at <= size; at++) {
            const Node *one = d->nodes + nodes[at];
            if (one->kind == PAUSE && one->mate == 1) work -= one->service;
        }
        if (work > car->work_max) return DEAR;
        cost += car->per_work_s * work;
    }
    return cost < limit ? cost : DEAR;
}

/* What is added up along a row, whenever it is done. */
typedef struct {
    int64_t tasks, travel, distance, prices, givens, softs;
    int64_t busy; /* how long its tasks and driving take */
} Sums;

static Sums sums_along(const Days *d, int64_t route, const int32_t *nodes,
                       int64_t size) {
    Sums sums = {0, 0, 0, 0, 0, 0, 0};
    const Car *car = d->cars + route;
    int measured = car->per_m > 0 || car->distance_max < FAR_S;
    int64_t last = d->nodes[nodes[0]].place;
    for (int64_t at = 1; at <= size + 1; at++) {
        const Node *one = d->nodes + nodes[at];
        sums.travel += driven(d, route, last, one->place);
        if (measured) sums.distance += metres(d, route, last, one->place);
        if (at <= size) sums.softs += one->soft;
        if (at <= size && is_task(d, nodes[at])) {
            sums.tasks++;
            sums.busy += work_of(d, nodes[at], last);
            sums.prices += d->price[nodes[at] * d->route_count + route];
            sums.givens += one->given >= 0;
        }
        last = one->place;
    }
    sums.busy += sums.travel;
    return sums;
}

/* Return whether somebody on a row might wait for what was given. */
static inline int keeps(const Days *d, const Sums *sums) {
    return sums->givens > 0 && d->moved_price > 0;
}

/* Return what a row costs in all, in steps, if that is below a limit; else DEAR.

   Up to the stop `from` its moments are written already; capacities and shipments are
   not looked at. */
static int64_t cost_from(const Days *d, int64_t route, const int32_t *nodes,
                         int64_t size, int64_t from, const Sums *sums, int64_t limit) {
    const Car *car = d->cars + route;
    int64_t cost =
        car->per_s * sums->travel + car->per_m * sums->distance + car->fixed;
    int64_t below = DEAR, least = DEAR;
    if (limit < BROKEN) below = (limit - sums->prices) * d->step - cost;
    if (below <= 0) return DEAR;
    for (int keep = keeps(d, sums); keep >= 0; keep--) {
        least = least_of(
            least, timed_cost(d, route, nodes, size, from, sums->busy, keep, below));
        /* Without a limit all moments are asked for. */
        if (limit < BROKEN) below = least_of(below, least);
    }
    return least >= DEAR ? DEAR : (cost + least) / d->step + sums->prices;
}

/* Return what a row costs in all, in steps, if that is below a limit; DEAR if not, or
   if it cannot be done.  Up to the stop `from` its moments are written already. */
static int64_t row_cost(const Days *d, int64_t route, const int32_t *nodes,
                        int64_t size, int64_t from, int64_t limit, Sums *sums) {
    const Car *car = d->cars + route;
    *sums = sums_along(d, route, nodes, size);
    if (sums->tasks == 0)
        return earliest(d, route, nodes, size, from, 0, DEAR) < FAR_S ? 0 : DEAR;
    if (sums->tasks > car->tasks_max || sums->travel > car->travel_max) return DEAR;
    if (sums->distance > car->distance_max) return DEAR;
    if (!fits(d, route, nodes, size) || !pairs(d, nodes, size)) return DEAR;
    return cost_from(d, route, nodes, size, from, sums, limit);
}

#endif
