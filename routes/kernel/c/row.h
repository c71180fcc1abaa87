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

/* Write the earliest moments of leaving each stop into d->early; return the end's.

   For each place a row: by how many breaks were taken, then what lateness and moved
   moments cost up to there.  FAR_S if the row cannot be done. */
static int64_t earliest(const Days *d, int64_t route, const int32_t *nodes,
                        int64_t size, int keep) {
    const Car *car = d->cars + route;
    int64_t breaks = car->pause_end - car->pause, wide = d->wide;
    int64_t last = d->nodes[nodes[0]].place;
    for (int64_t k = 0; k < wide; k++) {
        d->early[k] = k == 0 ? car->opens : FAR_S;
        d->early[wide + k] = 0;
    }
    for (int64_t at = 1; at <= size + 1; at++) {
        const int64_t *before = d->early + (at - 1) * 2 * wide;
        int64_t *now = d->early + at * 2 * wide;
        int64_t node = nodes[at], place = d->nodes[node].place, possible = 0;
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
            now[k] = best;
            now[wide + k] = best_late;
            possible |= best < FAR_S;
        }
        for (int64_t k = breaks + 1; k < wide; k++) now[k] = FAR_S;
        if (!possible) return FAR_S;
        last = place;
    }
    return d->early[(size + 1) * 2 * wide + breaks];
}

/* Return how late a route may be left to be over at a moment and cost no more.

   d->early holds what `earliest` wrote. */
static int64_t latest_leave(const Days *d, int64_t route, const int32_t *nodes,
                            int64_t size, int64_t finish) {
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
            int64_t first = at > 0 && one->turn >= 0 && one->turn != k ? breaks + 1 : k;
            for (int64_t taken = first; taken <= breaks; taken++)
                leave = most_of(leave, latest_drive(d, reach[taken], travel,
                                                    car->pause + k, car->pause + taken));
            if (at > 0 && leave >= 0) {
                int64_t work = work_of(d, node, d->nodes[nodes[at - 1]].place);
                int64_t limit = leave - work;
                if (one->soft && limit >= 0) {
                    /* What is late must not be later, what is kept stays so. */
                    int64_t begun = d->early[at * 2 * wide + k] - work;
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

/* Return what being late, at work and over time costs; DEAR if it cannot be. */
static int64_t timed_cost(const Days *d, int64_t route, const int32_t *nodes,
                          int64_t size, int keep) {
    const Car *car = d->cars + route;
    int64_t breaks = car->pause_end - car->pause, wide = d->wide;
    int64_t finish = earliest(d, route, nodes, size, keep);
    if (finish >= FAR_S) return DEAR;
    int64_t cost = d->early[(size + 1) * 2 * wide + wide + breaks];
    if (finish > car->closes) cost += car->per_over_s * (finish - car->closes);
    if (car->per_work_s > 0 || car->work_max < FAR_S) {
        int64_t work = finish - latest_leave(d, route, nodes, size, finish);
        for (int64_t n = car->pause; n < car->pause_end; n++)
            if (!d->pauses[n].paid) work -= d->pauses[n].length;
        for (int64_t at = 1; at <= size; at++) {
            const Node *one = d->nodes + nodes[at];
            if (one->kind == PAUSE && one->mate == 1) work -= one->service;
        }
        if (work > car->work_max) return DEAR;
        cost += car->per_work_s * work;
    }
    return cost;
}

/* Return what a row costs in all, in steps; DEAR if it cannot be done.

   d->early is left as `earliest` writes it, where it costs less than DEAR. */
static int64_t row_cost(const Days *d, int64_t route, const int32_t *nodes,
                        int64_t size) {
    const Car *car = d->cars + route;
    int64_t tasks = 0, travel = 0, distance = 0, prices = 0, given = 0, paired = 0;
    int64_t last = d->nodes[nodes[0]].place;
    for (int64_t at = 1; at <= size + 1; at++) {
        const Node *one = d->nodes + nodes[at];
        travel += driven(d, route, last, one->place);
        if (car->per_m || car->distance_max < FAR_S)
            distance += metres(d, route, last, one->place);
        last = one->place;
        if (at <= size && is_task(d, nodes[at])) {
            tasks++;
            prices += d->price[nodes[at] * d->route_count + route];
            given |= one->given >= 0;
            paired |= one->kind != VISIT;
        }
    }
    if (tasks == 0) return earliest(d, route, nodes, size, 0) < FAR_S ? 0 : DEAR;
    if (tasks > car->tasks_max || travel > car->travel_max) return DEAR;
    if (distance > car->distance_max || !fits(d, route, nodes, size)) return DEAR;
    if (paired && !pairs(d, nodes, size)) return DEAR;
    int64_t timed = DEAR;
    if (given && d->moved_price > 0) timed = timed_cost(d, route, nodes, size, 1);
    /* Last, so that d->early says how early each stop can be left. */
    timed = least_of(timed, timed_cost(d, route, nodes, size, 0));
    if (timed >= DEAR) return DEAR;
    int64_t cost = car->per_s * travel + car->per_m * distance + car->fixed + timed;
    return cost / d->step + prices;
}

#endif
