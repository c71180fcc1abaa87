/* The rules of plain problems: one window, capacities, a start and an end. */

#ifndef FSC_PLAIN_H
#define FSC_PLAIN_H

#include "dice.h"
#include "solution.h"

enum { DEPARTURE = 0, LATEST = 1, LEG = 2, PLAIN_ROWS = 3, LOAD = 1 };
enum { STAMP = 0, EXTRA = 1, PLACE_AT = 2 };
#define PLAIN_FAR (INT64_C(1) << 40)

typedef struct {
    int64_t node_count, visit_count, dimensions;
    double blink;            /* how often the best place is overlooked */
    const int32_t *cost;     /* [from, to], any unit */
    const int32_t *cost_in;  /* [to, from], the same */
    const int32_t *travel;   /* [from, to], the unit of the windows */
    const int32_t *travel_in;
    const int64_t *service;  /* [node], as are the next two */
    const int64_t *opens;
    const int64_t *closes;
    const int64_t *demand;   /* [node, dimension] */
    const int64_t *capacity; /* [route, dimension] */
    const int64_t *leaves;   /* [route]: not before */
    const int64_t *returns;  /* [route]: not after */
    const int64_t *fixed;    /* [route]: what it costs to use it */
    const int32_t *kind;     /* [route]: equal where routes are alike, neighbours */
    const int32_t *next_kind; /* [route]: the first after it of another kind */
    int64_t *memo; /* [visit, route, 3]: the version it holds for, cost, place */
} Plain;

/* Work out what is remembered of a route from its sequence. */
static void plain_refresh(const void *rules, Solution *s, int64_t route) {
    const Plain *p = rules;
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route], width = s->width, many = p->node_count;
    int64_t *departure = state_of(s, route) + DEPARTURE * width;
    int64_t *latest = state_of(s, route) + LATEST * width;
    int64_t *leg = state_of(s, route) + LEG * width;
    int64_t last = nodes[0], time = p->leaves[route], total = 0;
    departure[0] = time;
    for (int64_t at = 1; at <= size + 1; at++) {
        int64_t node = nodes[at];
        leg[at] = p->cost[last * many + node];
        total += leg[at];
        time += p->travel[last * many + node];
        if (time < p->opens[node]) time = p->opens[node];
        time += p->service[node];
        departure[at] = time;
        last = node;
    }
    int64_t limit = p->returns[route];
    latest[size + 1] = limit;
    for (int64_t at = size; at > 0; at--) {
        int64_t node = nodes[at];
        limit -= p->travel[node * many + last] + p->service[node];
        if (limit > p->closes[node]) limit = p->closes[node];
        latest[at] = limit;
        last = node;
    }
    int64_t *sums = sums_of(s, route);
    for (int64_t d = 0; d < p->dimensions; d++) {
        int64_t load = 0;
        for (int64_t at = 1; at <= size; at++)
            load += p->demand[nodes[at] * p->dimensions + d];
        sums[LOAD + d] = load;
    }
    sums[COST] = size > 0 ? total + p->fixed[route] : 0;
}

/* Bring up to date what is remembered of a route, new at one place alone.

   The same as plain_refresh, which begins anew: moments change from there on forward,
   and backward, only as far as waiting does not take the change up. */
static inline void plain_inserted(const Plain *p, Solution *s, int64_t route,
                                  int64_t place, int64_t extra) {
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route], width = s->width, many = p->node_count;
    int64_t *departure = state_of(s, route) + DEPARTURE * width;
    int64_t *latest = state_of(s, route) + LATEST * width;
    int64_t *leg = state_of(s, route) + LEG * width;
    size_t moved = (size_t)(size + 1 - place) * sizeof(int64_t);
    int64_t visit = nodes[place], last = nodes[place - 1];
    memmove(departure + place + 1, departure + place, moved);
    memmove(latest + place + 1, latest + place, moved);
    memmove(leg + place + 1, leg + place, moved);
    leg[place] = p->cost[last * many + visit];
    leg[place + 1] = p->cost[visit * many + nodes[place + 1]];
    int64_t time = departure[place - 1];
    for (int64_t at = place; at <= size + 1; at++) {
        int64_t node = nodes[at];
        time += p->travel[last * many + node];
        if (time < p->opens[node]) time = p->opens[node];
        time += p->service[node];
        if (at > place && departure[at] == time) break;
        departure[at] = time;
        last = node;
    }
    last = nodes[place + 1];
    int64_t limit = latest[place + 1];
    for (int64_t at = place; at > 0; at--) {
        int64_t node = nodes[at];
        limit -= p->travel[node * many + last] + p->service[node];
        if (limit > p->closes[node]) limit = p->closes[node];
        if (at < place && latest[at] == limit) break;
        latest[at] = limit;
        last = node;
    }
    int64_t *sums = sums_of(s, route);
    for (int64_t d = 0; d < p->dimensions; d++)
        sums[LOAD + d] += p->demand[visit * p->dimensions + d];
    sums[COST] += extra;
}

/* Find the cheapest place of a visit in a route, below a limit and not at skip.

   Returns the place, 0 where there is none, and writes what it costs extra. */
static inline int64_t plain_look(const Plain *p, const Solution *s, int64_t visit,
                                 int64_t route, int64_t limit, int64_t skip,
                                 int64_t *extra_out) {
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route], width = s->width, many = p->node_count;
    const int64_t *departure = state_of(s, route) + DEPARTURE * width;
    const int64_t *latest = state_of(s, route) + LATEST * width;
    const int64_t *leg = state_of(s, route) + LEG * width;
    const int32_t *cost_in = p->cost_in + visit * many, *cost = p->cost + visit * many;
    const int32_t *travel_in = p->travel_in + visit * many;
    const int32_t *travel = p->travel + visit * many;
    int64_t opens = p->opens[visit], closes = p->closes[visit];
    int64_t service = p->service[visit], best = limit, found = 0, at = 1;
    while (at <= size && latest[at] < opens + service) at++;
    int64_t last = nodes[at - 1];
    for (; at <= size + 1; at++) {
        if (departure[at - 1] > closes) break;
        int64_t node = nodes[at];
        int64_t extra = (int64_t)cost_in[last] + cost[node] - leg[at];
        if (extra < best) {
            int64_t begin = departure[at - 1] + travel_in[last];
            if (begin < opens) begin = opens;
            if (begin <= closes && begin + service + travel[node] <= latest[at] &&
                at != skip) {
                best = extra;
                found = at;
            }
        }
        last = node;
    }
    *extra_out = best;
    return found;
}

/* Put a visit where it costs least, and say whether there is such a place.

   Any place is overlooked with the chance blink: without it the same visits would come
   back to the same places. */
static int plain_place(const void *rules, Solution *s, Dice *dice, int64_t visit) {
    const Plain *p = rules;
    int64_t best = PLAIN_FAR, found = 0, chosen = -1, fresh = -1, following = 0;
    while (following < s->routes) {
        int64_t route = following;
        /* Routes that nobody used yet differ by their kind only. */
        following = route >= s->used ? p->next_kind[route] : following + 1;
        int64_t fixed = 0;
        int known = !s->touched[route], room = 1;
        if (s->size[route] == 0) {
            if (p->kind[route] == fresh) continue;
            fresh = p->kind[route];
            fixed = p->fixed[route];
            known = 0;
        }
        for (int64_t d = 0; d < p->dimensions; d++)
            room &= sums_of(s, route)[LOAD + d] + p->demand[visit * p->dimensions + d] <=
                    p->capacity[route * p->dimensions + d];
        if (!room) continue;
        int64_t *memo = p->memo + (visit * s->routes + route) * 3;
        for (int64_t skip = 0, extra, at;;) {
            if (known && memo[STAMP] == s->version[route]) {
                extra = memo[EXTRA];
                at = memo[PLACE_AT];
            } else {
                int64_t limit = known ? PLAIN_FAR : best - fixed;
                at = plain_look(p, s, visit, route, limit, skip, &extra);
                extra += fixed;
                if (known) {
                    memo[STAMP] = s->version[route];
                    memo[EXTRA] = extra;
                    memo[PLACE_AT] = at;
                }
            }
            if (at == 0 || extra >= best) break;
            if (skip > 0 || chance(dice) >= p->blink) {
                best = extra;
                found = at;
                chosen = route;
                break;
            }
            skip = at;
            known = 0;
        }
    }
    if (chosen < 0) return 0;
    put(s, chosen, found, (int32_t)visit);
    plain_inserted(p, s, chosen, found, best);
    return 1;
}

static int64_t plain_beyond(const void *rules, const Solution *s) {
    (void)rules, (void)s;
    return 0;
}

static void plain_settle(const void *rules, int outcome) { (void)rules, (void)outcome; }

#endif
