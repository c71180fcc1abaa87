/* The sequences a search works on, and how a change is taken back.

   A row holds a route's start, its nodes and its end.  What a route was before the
   change at hand is in the arrays named kept_; they are copied for the routes the
   change touches alone. */

#ifndef FSC_SOLUTION_H
#define FSC_SOLUTION_H

#include <stdint.h>
#include <string.h>

enum { COST = 0 }; /* What the totals of a route begin with. */
#define BROKEN (INT64_C(1) << 55) /* what a route costs that cannot be driven */

typedef struct {
    int64_t routes, width, rows, sums, node_count, request_count;
    int32_t *nodes;    /* [route, place]: the route's start at place 0 */
    int32_t *size;     /* [route]: how many nodes; the end stands at size + 1 */
    int64_t *state;    /* [route, row, place]: what the rules remember of each place */
    int64_t *totals;   /* [route, sum]: the cost, then what else the rules add up */
    int32_t *route_of; /* [node]: its route; -1 of one that is nowhere */
    int32_t *place_of; /* [node]: its place in the route */
    int32_t *kept_nodes;
    int32_t *kept_size;
    int64_t *kept_state;
    int64_t *kept_totals;
    int8_t *touched;  /* [route]: 1 where the change at hand has been */
    int64_t *version; /* [route]: another number whenever it has changed for good */
    int32_t *touches; /* the touched routes, one after another */
    int32_t *absent;  /* the requests that are nowhere, one after another */
    int32_t *kept_absent;
    int64_t touch_count, absent_count, kept_absent_count, last_version;
    int64_t used; /* no route from this one on was ever used */
} Solution;

static inline int32_t *row_of(const Solution *s, int64_t route) {
    return s->nodes + route * s->width;
}

static inline int64_t *state_of(const Solution *s, int64_t route) {
    return s->state + route * s->rows * s->width;
}

static inline int64_t *sums_of(const Solution *s, int64_t route) {
    return s->totals + route * s->sums;
}

/* Say that the change at hand is about to alter the route. */
static inline void touch(Solution *s, int64_t route) {
    if (!s->touched[route]) {
        s->touched[route] = 1;
        s->touches[s->touch_count++] = (int32_t)route;
    }
}

/* Put a node at a place of a route; what follows moves up. */
static inline void put(Solution *s, int64_t route, int64_t place, int32_t node) {
    touch(s, route);
    int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route];
    nodes[size + 2] = nodes[size + 1];
    for (int64_t at = size; at >= place; at--) {
        int32_t follower = nodes[at];
        nodes[at + 1] = follower;
        s->place_of[follower] = (int32_t)(at + 1);
    }
    nodes[place] = node;
    s->place_of[node] = (int32_t)place;
    s->route_of[node] = (int32_t)route;
    s->size[route] = (int32_t)(size + 1);
    if (route >= s->used) s->used = route + 1;
}

/* Take from the row of a route the nodes that are nowhere. */
static inline void close_gaps(Solution *s, int64_t route) {
    touch(s, route);
    int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route], place = 1;
    for (int64_t at = 1; at <= size; at++) {
        int32_t node = nodes[at];
        if (s->route_of[node] >= 0) {
            nodes[place] = node;
            s->place_of[node] = (int32_t)place;
            place++;
        }
    }
    nodes[place] = nodes[size + 1];
    s->size[route] = (int32_t)(place - 1);
}

static inline void copy_route(const Solution *s, int64_t route, const int32_t *nodes,
                              const int32_t *size, const int64_t *state,
                              const int64_t *totals, int32_t *to_nodes,
                              int32_t *to_size, int64_t *to_state,
                              int64_t *to_totals) {
    int64_t places = size[route] + 2, width = s->width;
    to_size[route] = size[route];
    memcpy(to_nodes + route * width, nodes + route * width,
           (size_t)places * sizeof(int32_t));
    for (int64_t row = 0; row < s->rows; row++) {
        int64_t from = (route * s->rows + row) * width;
        memcpy(to_state + from, state + from, (size_t)places * sizeof(int64_t));
    }
    memcpy(to_totals + route * s->sums, totals + route * s->sums,
           (size_t)s->sums * sizeof(int64_t));
}

/* Return whether a route that could be driven before the change at hand cannot now. */
static inline int breaks_a_route(const Solution *s) {
    for (int64_t n = 0; n < s->touch_count; n++) {
        int64_t sum = s->touches[n] * s->sums + COST;
        if (s->totals[sum] >= BROKEN && s->kept_totals[sum] < BROKEN) return 1;
    }
    return 0;
}

/* Make the change at hand what the next one starts from. */
static inline void keep_change(Solution *s) {
    for (int64_t n = 0; n < s->touch_count; n++) {
        int64_t route = s->touches[n];
        copy_route(s, route, s->nodes, s->size, s->state, s->totals, s->kept_nodes,
                   s->kept_size, s->kept_state, s->kept_totals);
        s->touched[route] = 0;
        s->version[route] = ++s->last_version;
    }
    s->touch_count = 0;
    memcpy(s->kept_absent, s->absent, (size_t)s->absent_count * sizeof(int32_t));
    s->kept_absent_count = s->absent_count;
}

/* Undo the change at hand. */
static inline void take_back(Solution *s) {
    memcpy(s->absent, s->kept_absent, (size_t)s->kept_absent_count * sizeof(int32_t));
    s->absent_count = s->kept_absent_count;
    for (int64_t n = 0; n < s->touch_count; n++) {
        const int32_t *nodes = row_of(s, s->touches[n]);
        for (int64_t at = 1; at <= s->size[s->touches[n]]; at++)
            s->route_of[nodes[at]] = -1;
    }
    for (int64_t n = 0; n < s->touch_count; n++) {
        int64_t route = s->touches[n];
        copy_route(s, route, s->kept_nodes, s->kept_size, s->kept_state,
                   s->kept_totals, s->nodes, s->size, s->state, s->totals);
        const int32_t *nodes = row_of(s, route);
        for (int64_t at = 1; at <= s->size[route]; at++) {
            s->route_of[nodes[at]] = (int32_t)route;
            s->place_of[nodes[at]] = (int32_t)at;
        }
        s->touched[route] = 0;
    }
    s->touch_count = 0;
}

#endif
