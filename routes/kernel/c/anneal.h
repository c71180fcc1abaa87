/* Ruin and recreate under simulated annealing, for whatever rules it is given. */

#ifndef FSC_ANNEAL_H
#define FSC_ANNEAL_H

#include <math.h>

#include "pool.h"
#include "ruin.h"

#define PASSED_OVER 10.0 /* up to so many temperatures others may be left out instead */
enum { REFUSED = 0, ACCEPTED = 1, BEST = 2 }; /* What became of a change. */

typedef struct {
    /* Put a request where it costs least; say whether there is such a place. */
    int (*place)(const void *rules, Solution *s, Dice *dice, int64_t request);
    /* Work out what is remembered of a route from its sequence. */
    void (*refresh)(const void *rules, Solution *s, int64_t route);
    /* The same for a route from which something was taken. */
    void (*mend)(const void *rules, Solution *s, int64_t route);
    /* Return what the change at hand costs beyond its routes. */
    int64_t (*beyond)(const void *rules, const Solution *s);
    /* Do what is to be done when a change is undone, kept, or the best so far. */
    void (*settle)(const void *rules, int outcome);
    int64_t (*whole)(const void *rules, const Solution *s);
    int grows; /* 1 where a route never gets cheaper by what is put into it */
} Rules;

typedef struct {
    Solution *solution;
    const Requests *requests;
    Pool *pool;
    const void *rules;
    int64_t kind; /* 0: plain, 1: technicians' days */
    Dice dice;
    double mean_count;
    int64_t longest;
    double *keys;        /* [request]: scratch */
    int64_t *missed;     /* [request]: how many plans looked at left it out */
    int32_t *best_nodes; /* the best routes found, as in a solution */
    int32_t *best_size;
    int64_t cost, best_cost;
    int64_t best_absent, best_weight; /* how many it leaves out, and their penalties */
    double pool_margin; /* routes are kept of solutions up to so many times the best */
} Search;

/* Return what the routes touched cost more than before the change at hand. */
static int64_t growth(const Solution *s) {
    int64_t change = 0;
    for (int64_t t = 0; t < s->touch_count; t++) {
        int64_t sum = s->touches[t] * s->sums;
        change += s->totals[sum + COST] - s->kept_totals[sum + COST];
    }
    return change;
}

/* Put what is absent back, one after another, in one of the orders.

   Say whether that was worth finishing: not where the routes alone cost as much as
   limit before all is back, and only get dearer. */
static int recreate(const Rules *rules, Search *search, double limit) {
    Solution *s = search->solution;
    const Requests *r = search->requests;
    double *keys = search->keys, draw = chance(&search->dice);
    int64_t count = s->absent_count, order = 0, left = 0;
    while (order < r->order_count && draw >= r->shares[order]) order++;
    for (int64_t n = 0; n < count; n++)
        keys[n] = order < r->order_count ? r->orders[order * r->count + s->absent[n]]
                                         : chance(&search->dice);
    for (int64_t n = 1; n < count; n++) {
        double key = keys[n];
        int32_t request = s->absent[n];
        int64_t at = n;
        for (; at > 0 && keys[at - 1] > key; at--) {
            keys[at] = keys[at - 1];
            s->absent[at] = s->absent[at - 1];
        }
        keys[at] = key;
        s->absent[at] = request;
    }
    for (int64_t n = 0; n < count; n++) {
        int32_t request = s->absent[n];
        if (!rules->place(search->rules, s, &search->dice, request))
            s->absent[left++] = request;
        if (rules->grows && s->kept_absent_count == 0 && (double)growth(s) >= limit)
            return 0;
    }
    s->absent_count = left;
    return 1;
}

static void store_best(Search *search) {
    const Solution *s = search->solution;
    search->best_absent = s->absent_count;
    search->best_weight = 0;
    for (int64_t n = 0; n < s->absent_count; n++)
        search->best_weight += search->requests->penalty[s->absent[n]];
    for (int64_t route = 0; route < s->routes; route++) {
        int64_t size = s->size[route];
        search->best_size[route] = (int32_t)size;
        memcpy(search->best_nodes + route * s->width, row_of(s, route),
               (size_t)(size + 2) * sizeof(int32_t));
    }
}

/* Return what more is left out than before the change at hand, by its penalties.

   Those that are left out are remembered; say whether they are less so than those before. */
static int64_t left_out(Search *search, int *rarer) {
    const Solution *s = search->solution;
    const int64_t *penalty = search->requests->penalty;
    int64_t change = 0, missed = 0;
    for (int64_t n = 0; n < s->kept_absent_count; n++) {
        change -= penalty[s->kept_absent[n]];
        missed -= search->missed[s->kept_absent[n]];
    }
    for (int64_t n = 0; n < s->absent_count; n++) {
        change += penalty[s->absent[n]];
        missed += search->missed[s->absent[n]]++;
    }
    *rarer = missed < 0;
    return change;
}

/* Search for so many iterations, while the temperature falls from hot to cold.

   Where not all can be served, only part of a penalty counts: routes that are full
   hardly change while nothing may be left out for another.  And of plans that leave out
   the same weight, one is taken that leaves out what seldom was; the paper that ruin.h
   names counts so to make do with fewer vehicles. */
static void anneal(const Rules *rules, Search *search, int64_t iterations, double hot,
                   double cold, double part) {
    Solution *s = search->solution;
    const Requests *r = search->requests;
    double temperature = hot;
    double factor = pow(cold / hot, 1.0 / (double)(iterations > 0 ? iterations : 1));
    for (int64_t n = 0; n < iterations; n++) {
        temperature *= factor;
        remove_strings(s, r, &search->dice, search->mean_count, search->longest);
        for (int64_t t = 0; t < s->touch_count; t++)
            rules->mend(search->rules, s, s->touches[t]);
        double limit = -temperature * log(1.0 - chance(&search->dice));
        if (!recreate(rules, search, limit)) {
            take_back(s);
            rules->settle(search->rules, REFUSED);
            continue;
        }
        int rarer;
        int64_t change = rules->beyond(search->rules, s) + growth(s);
        int64_t weight = left_out(search, &rarer);
        double counts = search->best_absent > 0 ? part : 1.0;
        if (weight == 0 && rarer) limit = fmax(limit, PASSED_OVER * temperature);
        if ((double)change + counts * (double)weight >= limit || breaks_a_route(s)) {
            take_back(s);
            rules->settle(search->rules, REFUSED);
            continue;
        }
        change += weight;
        search->cost += change;
        if (change != 0 &&
            (double)search->cost < (double)search->best_cost * search->pool_margin)
            for (int64_t t = 0; t < s->touch_count; t++)
                pool_add(search->pool, s, s->touches[t], search->cost);
        keep_change(s);
        rules->settle(search->rules, ACCEPTED);
        if (search->cost < search->best_cost) {
            search->best_cost = search->cost;
            store_best(search);
            rules->settle(search->rules, BEST);
        }
    }
}

/* Begin with the routes that are in the search as its best; return what they cost. */
static int64_t begin(const Rules *rules, Search *search) {
    Solution *s = search->solution;
    const Requests *r = search->requests;
    for (int64_t node = 0; node < s->node_count; node++) s->route_of[node] = -1;
    s->used = 0;
    for (int64_t route = 0; route < s->routes; route++) {
        const int32_t *nodes = search->best_nodes + route * s->width;
        int64_t size = search->best_size[route];
        touch(s, route);
        s->size[route] = (int32_t)size;
        if (size > 0) s->used = route + 1;
        memcpy(row_of(s, route), nodes, (size_t)(size + 2) * sizeof(int32_t));
        for (int64_t at = 1; at <= size; at++) {
            s->route_of[nodes[at]] = (int32_t)route;
            s->place_of[nodes[at]] = (int32_t)at;
        }
    }
    int64_t cost = 0;
    for (int64_t route = 0; route < s->routes; route++) {
        rules->refresh(search->rules, s, route);
        cost += sums_of(s, route)[COST];
    }
    s->absent_count = 0;
    for (int64_t request = 0; request < r->count; request++) {
        int32_t first = r->member[r->member_of[2 * request]];
        if (s->route_of[first] < 0 && r->penalty[request] > 0) {
            s->absent[s->absent_count++] = (int32_t)request;
            cost += r->penalty[request];
        }
    }
    cost += rules->whole(search->rules, s);
    keep_change(s);
    rules->settle(search->rules, ACCEPTED);
    search->cost = search->best_cost = cost;
    store_best(search);
    return cost;
}

/* Put back what is absent and still fits, what weighs most first; return the cost.

   The rules are to overlook nothing then: their blink is 0. */
static int64_t complete(const Rules *rules, Search *search) {
    Solution *s = search->solution;
    const Requests *r = search->requests;
    for (int64_t n = 1; n < s->absent_count; n++) {
        int32_t request = s->absent[n];
        int64_t at = n;
        for (; at > 0 && r->penalty[s->absent[at - 1]] < r->penalty[request]; at--)
            s->absent[at] = s->absent[at - 1];
        s->absent[at] = request;
    }
    int64_t left = 0;
    for (int64_t n = 0; n < s->absent_count; n++) {
        int32_t request = s->absent[n];
        if (!rules->place(search->rules, s, &search->dice, request))
            s->absent[left++] = request;
    }
    s->absent_count = left;
    keep_change(s);
    rules->settle(search->rules, ACCEPTED);
    rules->settle(search->rules, BEST);
    search->cost = rules->whole(search->rules, s);
    for (int64_t route = 0; route < s->routes; route++)
        search->cost += sums_of(s, route)[COST];
    store_best(search);
    search->cost += search->best_weight;
    return search->best_cost = search->cost;
}

#endif
