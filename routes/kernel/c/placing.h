/* Putting a request where it costs least: one visit, two halves, or what is linked. */

#ifndef FSC_PLACING_H
#define FSC_PLACING_H

#include "anneal.h"
#include "rich.h"

#define RELOADED 0.05 /* how often a reload is thought of where a visit fits without */
#define PUT_OFF 0.5 /* how often linked visits do not begin as soon as they could */
enum {
    TRIES = 6,      /* in how many cars the first of linked visits is tried */
    EVERYWHERE = 14 /* up to so many stops a reload is tried in every place */
};
enum { MEMO_STAMP = 0, MEMO_EXTRA = 1, MEMO_AT = 2 };

/* Find the route and place where a node costs least; return the route, or -1.

   Any place may be overlooked, with the chance blink: without that the same visits would
   come back to the same places. */
static int64_t cheapest(const Days *d, const Solution *s, Dice *dice, int64_t node,
                        int64_t *at_out, int64_t *extra_out) {
    int64_t best = DEAR, chosen = -1, fresh = -1;
    for (int64_t route = 0; route < s->routes; route++) {
        if (d->price[node * d->route_count + route] < 0 || d->barred[route]) continue;
        if (sums_of(s, route)[TASKS] == 0) {
            if (d->cars[route].alike == fresh) continue;
            fresh = d->cars[route].alike;
        }
        int64_t *memo = d->memo + (node * d->route_count + route) * 3, at, extra;
        if (d->nodes[node].linked || s->touched[route]) {
            at = look(d, s, node, route, best, 0, &extra);
        } else {
            /* Without a place nothing is known but that none costs less. */
            if (memo[MEMO_STAMP] != s->version[route] ||
                (memo[MEMO_AT] == 0 && memo[MEMO_EXTRA] < best)) {
                memo[MEMO_AT] = look(d, s, node, route, best, 0, &memo[MEMO_EXTRA]);
                memo[MEMO_STAMP] = s->version[route];
            }
            at = memo[MEMO_EXTRA] < best ? memo[MEMO_AT] : 0;
            extra = memo[MEMO_EXTRA];
        }
        if (at > 0 && chance(dice) < d->blink)
            at = look(d, s, node, route, best, at, &extra);
        if (at == 0) continue;
        best = extra;
        *at_out = at;
        *extra_out = extra;
        chosen = route;
    }
    return chosen;
}

/* Write the row of a route with one node at a place, then another in that row. */
static void row_with_both(const Days *d, const Solution *s, int64_t route,
                          int64_t node, int64_t at, int64_t other, int64_t other_at) {
    const int32_t *nodes = row_of(s, route);
    int64_t source = 0;
    for (int64_t n = 0; n < s->size[route] + 4; n++) {
        int64_t before = n < other_at ? n : n - 1;
        if (n == other_at)
            d->row[n] = (int32_t)other;
        else
            d->row[n] = before == at ? (int32_t)node : nodes[source++];
    }
}

/* Return what a route costs more, in steps, with one node at a place and then another in
   that row; DEAR if that is not below a limit. */
static int64_t cost_with_both(const Days *d, const Solution *s, int64_t route,
                              int64_t node, int64_t at, int64_t other,
                              int64_t other_at, int64_t limit) {
    int64_t now = sums_of(s, route)[COST], first = least_of(at, other_at);
    Sums sums;
    row_with_both(d, s, route, node, at, other, other_at);
    write_moments(d, s, route, 0, first);
    int64_t whole = row_cost(d, route, d->row, s->size[route] + 2, first,
                             limit >= BROKEN ? DEAR : now + limit, &sums);
    return whole >= DEAR ? DEAR : whole - now;
}

/* Return whether every window of a node is over when the stop before can be left. */
static int too_late(const Days *d, const Solution *s, int64_t route, int64_t at,
                    int64_t node) {
    const Node *one = d->nodes + node;
    if (one->window == one->window_end) return 0;
    return short_of(d, s, route, SOON)[at - 1] >
           d->windows[one->window_end - 1].closes + one->late_most;
}

/* Return what driving costs more, in parts, with one node at a place of a route and
   then another in that row. */
static int64_t way_of_both(const Days *d, const Solution *s, int64_t route,
                           int64_t node, int64_t at, int64_t other, int64_t other_at) {
    const int32_t *nodes = row_of(s, route);
    int64_t here = d->nodes[node].place, there = d->nodes[other].place;
    int64_t last = d->nodes[nodes[at - 1]].place, next = d->nodes[nodes[at]].place;
    int64_t before = other_at == at ? last : here, after = other_at == at ? here : next;
    if (other_at < at || other_at > at + 1) {
        int64_t moved = other_at < at ? other_at : other_at - 1;
        before = d->nodes[nodes[moved - 1]].place;
        after = d->nodes[nodes[moved]].place;
    }
    return leg_cost(d, route, last, here) + leg_cost(d, route, here, next) -
           leg_cost(d, route, last, next) + leg_cost(d, route, before, there) +
           leg_cost(d, route, there, after) - leg_cost(d, route, before, after);
}

/* Return how often a route reloads. */
static int64_t reloads_of(const Days *d, const Solution *s, int64_t route) {
    int64_t count = 0;
    for (int64_t n = d->cars[route].reload; n < d->cars[route].reload_end; n++)
        count += s->route_of[n] == route;
    return count;
}

/* Put a node and a reload in where both cost least, below a limit; say if they are. */
static int place_with_reload(const Days *d, Solution *s, int64_t node, int64_t limit) {
    int64_t best = limit, chosen = -1, at = 0, reload = 0, reload_at = 0;
    for (int64_t route = 0; route < s->routes; route++) {
        const Car *car = d->cars + route;
        const int64_t *sums = sums_of(s, route);
        int64_t size = s->size[route], seen = NEVER;
        int64_t price = d->price[node * d->route_count + route];
        if (price < 0) continue;
        if (sums[TASKS] == 0 || reloads_of(d, s, route) >= car->reloads_max) continue;
        if (sums[TASKS] >= car->tasks_max || sums[COST] >= BROKEN) continue;
        int64_t first = first_free(d, s, route), last = last_free(d, s, route);
        for (int64_t free = car->reload; free < car->reload_end; free++) {
            /* Those at one place stand together: the first that is free will do. */
            if (s->route_of[free] >= 0 || d->nodes[free].place == seen) continue;
            seen = d->nodes[free].place;
            for (int64_t n = first; n <= last; n++) {
                if (too_late(d, s, route, n, node)) break;
                /* Reloading makes room, not time. */
                if (!in_time(d, s, node, route, n)) continue;
                for (int64_t m = first; m <= last + 1; m++) {
                    if (size > EVERYWHERE && (m < n || m > n + 1)) continue;
                    int64_t way = way_of_both(d, s, route, node, n, free, m);
                    if (way / d->step + price >= best) continue;
                    int64_t cost = cost_with_both(d, s, route, node, n, free, m, best);
                    if (cost >= best) continue;
                    best = cost;
                    chosen = route;
                    at = n;
                    reload = free;
                    reload_at = m;
                }
            }
        }
    }
    if (chosen < 0) return 0;
    put(s, chosen, at, (int32_t)node);
    put(s, chosen, reload_at, (int32_t)reload);
    rich_refresh(d, s, chosen);
    return 1;
}

/* Put a node at a place of a route, which costs so much more then. */
static void put_at_cost(const Days *d, Solution *s, int64_t route, int64_t at,
                        int64_t node, int64_t extra) {
    int64_t cost = sums_of(s, route)[COST] + extra;
    write_moments(d, s, route, 0, at);
    put(s, route, at, (int32_t)node);
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route];
    Sums sums = sums_along(d, route, nodes, size);
    if (d->cars[route].strict) {
        /* What it costs more was rounded. */
        cost = cost_from(d, route, nodes, size, at, &sums, DEAR);
    } else {
        for (int keep = keeps(d, &sums); keep >= 0; keep--)
            earliest(d, route, nodes, size, at, keep, DEAR);
    }
    remember(d, s, route, &sums, cost);
}

static int place_one(const Days *d, Solution *s, Dice *dice, int64_t node) {
    int64_t at = 0, extra = DEAR, route = cheapest(d, s, dice, node, &at, &extra);
    if (d->reload_count > 0 && (route < 0 || chance(dice) < RELOADED) &&
        place_with_reload(d, s, node, extra))
        return 1;
    if (route < 0) return 0;
    put_at_cost(d, s, route, at, node, extra);
    return 1;
}

/* Put both halves of a shipment into the route where they cost least. */
static int place_pair(const Days *d, Solution *s, Dice *dice, int64_t pickup,
                      int64_t drop) {
    int64_t best = DEAR, chosen = -1, from_at = 0, to_at = 0, fresh = -1;
    int64_t here = d->nodes[pickup].place, there = d->nodes[drop].place;
    for (int64_t route = 0; route < s->routes; route++) {
        const Car *car = d->cars + route;
        const int64_t *sums = sums_of(s, route);
        const int32_t *nodes = row_of(s, route);
        int64_t price = d->price[pickup * d->route_count + route];
        int empty = sums[TASKS] == 0;
        if (price < 0 || sums[COST] >= BROKEN) continue;
        if (sums[TASKS] + 2 > car->tasks_max) continue;
        if (empty) {
            if (car->alike == fresh) continue;
            fresh = car->alike;
        }
        int64_t end = last_free(d, s, route);
        for (int64_t n = first_free(d, s, route); n <= end; n++) {
            int64_t last = d->nodes[nodes[n - 1]].place;
            int64_t next = d->nodes[nodes[n]].place;
            if (too_late(d, s, route, n, pickup)) break;
            if (!in_time(d, s, pickup, route, n)) continue;
            int64_t to = leg_cost(d, route, last, here);
            int64_t around = empty ? 0 : leg_cost(d, route, last, next);
            for (int64_t m = n; m <= end; m++) {
                int64_t after = d->nodes[nodes[m]].place, cost;
                if (m > n && too_late(d, s, route, m, drop)) break;
                if (m == n) {
                    cost = to + leg_cost(d, route, here, there) +
                           leg_cost(d, route, there, after) - around;
                } else {
                    int64_t before = d->nodes[nodes[m - 1]].place;
                    cost = to + leg_cost(d, route, here, next) - around +
                           leg_cost(d, route, before, there) +
                           leg_cost(d, route, there, after) -
                           leg_cost(d, route, before, after);
                }
                if (empty) cost += car->fixed;
                if (cost / d->step + 2 * price >= best) continue;
                if (chance(dice) < d->blink) continue;
                int64_t whole =
                    cost_with_both(d, s, route, pickup, n, drop, m + 1, best);
                if (whole >= best) continue;
                best = whole;
                chosen = route;
                from_at = n;
                to_at = m + 1;
            }
        }
    }
    if (chosen < 0) return 0;
    put(s, chosen, from_at, (int32_t)pickup);
    put(s, chosen, to_at, (int32_t)drop);
    rich_refresh(d, s, chosen);
    return 1;
}

/* Return the earliest and latest moment at which a placed visit may begin. */
static Span span_of(const Days *d, const Solution *s, int64_t node) {
    int64_t route = s->route_of[node], at = s->place_of[node];
    int64_t work = work_of(d, node, d->nodes[row_of(s, route)[at - 1]].place);
    Span span = {FAR_S, NEVER};
    for (int64_t k = 0; k < d->wide; k++) {
        int64_t left = early_of(d, s, route, k)[at], late = late_of(d, s, route, k)[at];
        if (left >= FAR_S || left - work > late) continue;
        span.low = least_of(span.low, left - work);
        span.high = most_of(span.high, late);
    }
    return span;
}

/* Narrow when a node may begin to what a link to a placed one asks. */
static void narrow(const Days *d, const Solution *s, const Link *link, int64_t node,
                   Span *span) {
    int64_t other = link->to == node ? link->from : link->to;
    const Node *mine = d->nodes + node, *its = d->nodes + other;
    Span there = span_of(d, s, other);
    int64_t low = 0, high = FAR_S;
    if (link->kind == TOGETHER) {
        low = there.low;
        high = there.high;
    } else if (link->to == node) {
        low = there.low + its->service + its->setup + link->least;
        if (link->most < FAR_S) high = there.high + its->service + link->most;
    } else {
        high = there.high - link->least - mine->service - mine->setup;
        if (link->most < FAR_S)
            low = there.low - link->most - mine->service;
    }
    span->low = most_of(span->low, low);
    span->high = least_of(span->high, high);
}

/* Fix when a node and those linked to it that are placed begin; say if they can.

   Whatever happens to their routes after that, the links hold.  Now and then the node
   begins later than it could, which leaves room before it. */
static int agree(const Days *d, Solution *s, Dice *dice, int64_t node) {
    Span mine = span_of(d, s, node);
    if (mine.low > mine.high) return 0;
    const Node *one = d->nodes + node;
    int64_t begin = mine.low, high = mine.high;
    if (chance(dice) < PUT_OFF) {
        begin = begin_at(d->windows, one->window, one->window_end, one->late_most,
                         mine.low + below(dice, mine.high - mine.low + 1));
        if (begin < 0 || begin > mine.high) begin = mine.low;
    }
    for (int64_t n = 0; n < d->link_count; n++) {
        const Link *link = d->links + n;
        if (link->to != node && link->from != node) continue;
        int64_t other = link->to == node ? link->from : link->to;
        const Node *its = d->nodes + other;
        if (s->route_of[other] < 0) continue;
        Span there = span_of(d, s, other), fixed = there;
        if (link->kind == TOGETHER) {
            fixed.low = fixed.high = high = begin;
        } else if (link->to == node) {
            fixed.high = least_of(there.high,
                                  begin - link->least - its->service - its->setup);
            if (link->most < FAR_S) {
                fixed.low = most_of(there.low, begin - link->most - its->service);
                high = least_of(high, fixed.low + its->service + link->most);
            }
        } else {
            fixed.low =
                most_of(there.low, begin + one->service + one->setup + link->least);
            if (link->most < FAR_S)
                fixed.high = least_of(fixed.high, begin + one->service + link->most);
            high = least_of(high,
                            fixed.low - link->least - one->service - one->setup);
        }
        if (fixed.low > fixed.high) return 0;
        d->agreed[other] = fixed;
    }
    if (begin > high) return 0;
    d->agreed[node].low = begin;
    d->agreed[node].high = high;
    int possible = 1;
    for (int64_t n = 0; n < d->link_count; n++) {
        const Link *link = d->links + n;
        if (link->to != node && link->from != node) continue;
        int64_t route = s->route_of[link->to == node ? link->from : link->to];
        if (route < 0) continue;
        touch(s, route);
        rich_refresh(d, s, route);
        possible &= sums_of(s, route)[COST] < BROKEN;
    }
    rich_refresh(d, s, s->route_of[node]);
    return possible && sums_of(s, s->route_of[node])[COST] < BROKEN;
}

/* Narrow when a node may begin to what those linked to it that are placed ask, and bar
   the routes that they do not allow; return how many are placed. */
static int64_t follow(const Days *d, const Solution *s, int64_t node) {
    Span span = {0, FAR_S};
    int64_t only = -1, never = -1, count = 0;
    for (int64_t n = 0; n < d->link_count; n++) {
        const Link *link = d->links + n;
        if (link->to != node && link->from != node) continue;
        int64_t other = link->to == node ? link->from : link->to;
        if (s->route_of[other] < 0) continue;
        int64_t person = d->cars[s->route_of[other]].person;
        narrow(d, s, link, node, &span);
        if (link->kind == TOGETHER) never = person;
        if (link->kind == AFTER_SAME) only = person;
        count++;
    }
    d->agreed[node] = span;
    for (int64_t route = 0; route < s->routes; route++) {
        int64_t person = d->cars[route].person;
        d->barred[route] = person == never || (only >= 0 && person != only);
    }
    return count;
}

/* Work out anew the route of a placed node; say if it can be done. */
static int renewed(const Days *d, Solution *s, int64_t node) {
    int64_t route = s->route_of[node];
    touch(s, route);
    rich_refresh(d, s, route);
    return sums_of(s, route)[COST] < BROKEN;
}

/* Put one of linked visits in, after those before it, and agree on when.

   So many routes were tried in vain and are not tried again. */
static int place_next(const Days *d, Solution *s, Dice *dice, int64_t node,
                      const int64_t *tried, int64_t count) {
    int64_t at = 0, extra, placed = s->route_of[node];
    int64_t others = follow(d, s, node);
    int possible = d->agreed[node].low <= d->agreed[node].high;
    if (placed >= 0) {
        possible &= !d->barred[placed];
    } else {
        for (int64_t n = 0; n < count; n++) d->barred[tried[n]] = 1;
        placed = possible ? cheapest(d, s, dice, node, &at, &extra) : -1;
        if (placed >= 0) put(s, placed, at, (int32_t)node);
    }
    memset(d->barred, 0, (size_t)s->routes);
    if (!possible || placed < 0 || !renewed(d, s, node)) return 0;
    return others == 0 || agree(d, s, dice, node);
}

/* Take the linked visits out again, but those that are pinned; free when they begin. */
static void take_out_linked(const Days *d, Solution *s, const int32_t *nodes,
                            int64_t count) {
    for (int64_t n = 0; n < count; n++) {
        d->agreed[nodes[n]].low = 0;
        d->agreed[nodes[n]].high = FAR_S;
    }
    for (int64_t n = 0; n < count; n++) {
        int64_t route = s->route_of[nodes[n]];
        if (route < 0) continue;
        touch(s, route);
        if (d->nodes[nodes[n]].request >= 0) {
            s->route_of[nodes[n]] = -1;
            close_gaps(s, route);
        }
        rich_refresh(d, s, route);
    }
}

/* Put visits that are linked where they cost least, one after another.

   Those that are pinned are placed already.  The first of the others is tried in some
   cars, the rest where it costs least then. */
static int place_linked(const Days *d, Solution *s, Dice *dice, const int32_t *nodes,
                        int64_t count) {
    int64_t tried[TRIES], first = 0;
    while (first < count && s->route_of[nodes[first]] >= 0) first++;
    take_out_linked(d, s, nodes, count);
    for (int64_t try = 0; try < TRIES; try++) {
        int done = 1;
        tried[try] = -1;
        for (int64_t n = 0; n < count && done; n++) {
            done = place_next(d, s, dice, nodes[n], tried, n == first ? try : 0);
            if (n == first) tried[try] = s->route_of[nodes[n]];
        }
        if (done) return 1;
        take_out_linked(d, s, nodes, count);
        if (tried[try] < 0) return 0;
    }
    return 0;
}

static int rich_place(const void *rules, Solution *s, Dice *dice, int64_t request) {
    const Days *d = rules;
    const int32_t *nodes = d->member + d->member_of[2 * request];
    int64_t count = d->member_of[2 * request + 1] - d->member_of[2 * request];
    if (count == 1 && !d->nodes[nodes[0]].linked) return place_one(d, s, dice, nodes[0]);
    if (d->nodes[nodes[0]].kind == PICKUP)
        return place_pair(d, s, dice, nodes[0], nodes[1]);
    return place_linked(d, s, dice, nodes, count);
}

/* Take reloads out of a route without which it costs no more. */
static void drop_reloads(const Days *d, Solution *s, int64_t route) {
    const Car *car = d->cars + route;
    for (int64_t free = car->reload; free < car->reload_end; free++) {
        if (s->route_of[free] != route) continue;
        const int32_t *nodes = row_of(s, route);
        int64_t to = 0;
        for (int64_t n = 0; n < s->size[route] + 2; n++)
            if (nodes[n] != free) d->row[to++] = nodes[n];
        Sums sums;
        int64_t cost = row_cost(d, route, d->row, s->size[route] - 1, 1, DEAR, &sums);
        if (cost >= DEAR || cost > sums_of(s, route)[COST]) continue;
        s->route_of[free] = -1;
        close_gaps(s, route);
        rich_refresh(d, s, route);
    }
}

static void rich_mend(const void *rules, Solution *s, int64_t route) {
    rich_refresh(rules, s, route);
    drop_reloads(rules, s, route);
}

/* Keep what linked visits agreed on, or go back to what they had. */
static void rich_settle(const void *rules, int outcome) {
    const Days *d = rules;
    for (int64_t n = 0; n < d->linked_count; n++) {
        int32_t node = d->linked[n];
        if (outcome == ACCEPTED)
            d->kept_agreed[node] = d->agreed[node];
        else if (outcome == BEST)
            d->best_agreed[node] = d->agreed[node];
        else
            d->agreed[node] = d->kept_agreed[node];
    }
}

/* Return what it costs that some are busier than is fair. */
static int64_t unevenness(const Days *d, const Solution *s, const int64_t *totals) {
    int64_t all = 0;
    double over = 0.0;
    memset(d->busy, 0, (size_t)d->person_count * sizeof(int64_t));
    for (int64_t route = 0; route < s->routes; route++) {
        int64_t busy = totals[route * s->sums + BUSY];
        d->busy[d->cars[route].person] += busy;
        all += busy;
    }
    for (int64_t person = 0; person < d->person_count; person++) {
        double more = (double)d->busy[person] - (double)all * d->share[person];
        if (more > 0.0) over += more;
    }
    return (int64_t)(over * (double)d->even_price / (double)d->step);
}

static int64_t rich_beyond(const void *rules, const Solution *s) {
    const Days *d = rules;
    if (d->even_price == 0) return 0;
    return unevenness(d, s, s->totals) - unevenness(d, s, s->kept_totals);
}

static int64_t rich_whole(const void *rules, const Solution *s) {
    const Days *d = rules;
    return d->even_price == 0 ? 0 : unevenness(d, s, s->totals);
}

#endif
