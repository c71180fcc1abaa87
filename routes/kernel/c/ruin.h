/* Taking requests out: strings of them from routes that lie close to each other.

   Source: J. Christiaens, G. Vanden Berghe, "Slack Induction by String Removals for
   Vehicle Routing Problems", Transportation Science 54 (2), 2020, section 5.1. */

#ifndef FSC_RUIN_H
#define FSC_RUIN_H

#include "dice.h"
#include "requests.h"
#include "solution.h"

/* Take the request a node belongs to out of its routes; places stay as gaps. */
static inline void take_out(Solution *s, const Requests *r, int32_t node) {
    int32_t request = r->of[node];
    for (int32_t n = r->member_of[2 * request]; n < r->member_of[2 * request + 1]; n++) {
        int32_t one = r->member[n];
        if (s->route_of[one] < 0) continue;
        touch(s, s->route_of[one]);
        s->route_of[one] = -1;
    }
    s->absent[s->absent_count++] = request;
}

/* Take length nodes around one out of a route, all but gap in their middle. */
static void remove_string(Solution *s, const Requests *r, Dice *dice, int64_t route,
                          int32_t node, int64_t length, int64_t gap) {
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route], span = length + gap, place = s->place_of[node];
    int64_t lowest = place - span + 1 > 1 ? place - span + 1 : 1;
    int64_t highest = place < size - span + 1 ? place : size - span + 1;
    int64_t begin = lowest + below(dice, highest - lowest + 1);
    int64_t spared = gap > 0 ? begin + 1 + below(dice, length - 1) : begin + span;
    for (int64_t at = begin; at < begin + span; at++) {
        if (spared <= at && at < spared + gap) continue;
        if (s->route_of[nodes[at]] >= 0 && r->of[nodes[at]] >= 0)
            take_out(s, r, nodes[at]);
    }
}

/* Take strings out of routes near a random node; close the gaps.

   On average mean_count nodes go, at most longest from one route.  Half of the strings
   keep a few nodes in their middle. */
static void remove_strings(Solution *s, const Requests *r, Dice *dice,
                           double mean_count, int64_t longest) {
    int64_t used = 0;
    for (int64_t route = 0; route < s->used; route++) used += s->size[route] > 0;
    if (used == 0) return;
    double mean_length = (double)(r->near_count - s->absent_count) / (double)used;
    double longest_string = mean_length < (double)longest ? mean_length : (double)longest;
    if (longest_string < 1.0) longest_string = 1.0;
    double most_strings = 4.0 * mean_count / (1.0 + longest_string) - 1.0;
    int64_t strings = (int64_t)(chance(dice) * most_strings + 1.0), cut = 0;
    int64_t seed = below(dice, r->near_count);
    for (int64_t n = -1; n < r->near_width && cut < strings; n++) {
        int32_t node = n < 0 ? (int32_t)seed : r->near[seed * r->near_width + n];
        int64_t route = s->route_of[node];
        if (route < 0 || s->touched[route]) continue;
        touch(s, route);
        cut++;
        int64_t size = s->size[route];
        double most = (double)size < longest_string ? (double)size : longest_string;
        int64_t length = (int64_t)(1.0 + chance(dice) * most), gap = 0;
        if (length > size) length = size;
        if (length > 1 && length < size && below(dice, 2) == 0) {
            gap = 1;
            while (length + gap < size && chance(dice) < 0.01) gap++;
        }
        remove_string(s, r, dice, route, node, length, gap);
    }
    for (int64_t n = 0; n < s->touch_count; n++) close_gaps(s, s->touches[n]);
}

#endif
