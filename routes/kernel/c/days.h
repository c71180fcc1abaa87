/* Technicians' days: what the rules read, and when what is on a way or at a stop may
   begin, forwards and backwards.

   Times are in seconds and distances in metres.  What something costs is in parts of a
   unit until it is added up, and then in steps of so many of those. */

#ifndef FSC_DAYS_H
#define FSC_DAYS_H

#include "dice.h"
#include "solution.h"

#define FAR_S (INT64_C(1) << 40)
#define NEVER INT64_C(-1)         /* no moment; of prices: may not */
#define DEAR (INT64_C(1) << 61)   /* more than any plan costs */
#define ROW_MORE 8                /* how many places a row has beyond its nodes */

enum { VISIT, PICKUP, DROP, PAUSE, RELOAD, END }; /* What a node is. */
enum { TOGETHER, AFTER, AFTER_SAME };             /* What a link asks for. */

typedef struct {
    int64_t place;              /* -1 at an open end */
    int64_t setup, service;
    int64_t window, window_end; /* its windows are those from the one to the other */
    int64_t late_most, late_price;
    int64_t given;   /* when it was said to begin; -1: it was not */
    int64_t request; /* -1 of what is never taken out */
    int64_t soft;    /* 1 where the moment has a price */
    int64_t kind;
    int64_t mate;    /* the other half of a shipment; 1 of a break that is not paid */
    int64_t linked;  /* 1 in links and in visits of two people */
    int64_t turn;    /* of a break: how many of those at no place come before it; or -1 */
} Node;

typedef struct {
    int64_t speed;
    int64_t opens, closes, over; /* over: when it has to be at an end */
    int64_t fixed, per_s, per_m, per_work_s, per_over_s;
    int64_t tasks_max, travel_max, distance_max, work_max;
    int64_t apart; /* 1: what is used has a compartment of its own */
    int64_t person;
    int64_t first, last; /* how many visits stay at its beginning and end */
    int64_t alike;       /* equal where routes are alike in everything */
    int64_t strict;      /* 1: when it begins and ends has no price or limit */
    int64_t pause, pause_end;     /* its breaks that are at no place */
    int64_t reload, reload_end;   /* its reload nodes */
    int64_t reloads_max;          /* how many of those it may have at once */
} Car;

typedef struct {
    int64_t opens, closes;
} Window;

typedef struct {
    int64_t length, paid, window, window_end;
} Pause;

typedef struct {
    int64_t from, to, least, most, kind;
} Link;

typedef struct {
    int64_t deliver, collect, carry; /* carry: what half a shipment adds to the car */
} Amount;

typedef struct {
    int64_t clean, used, aboard; /* clean: of all, where there is one space */
} Room;

typedef struct {
    int64_t low, high;
} Span;

typedef struct {
    int64_t node_count, route_count, place_count, dimensions, link_count;
    int64_t linked_count, person_count, reload_count, wide; /* wide: breaks + 1 */
    int64_t step;                 /* parts in a step of cost */
    int64_t moved_price;          /* of a second by which a given moment is missed */
    int64_t even_price;           /* of a second beyond the fair share */
    double blink;                 /* how often the best place is overlooked */
    const Node *nodes;
    const Car *cars;
    const Window *windows;
    const Pause *pauses;
    const Link *links;
    const Amount *amounts;        /* [node, dimension] */
    const Room *rooms;            /* [route, dimension] */
    const int64_t *price;         /* [node, route]: what it costs extra; -1: may not */
    const int32_t *travel;        /* [speed, from, to] */
    const int32_t *travel_in;     /* [speed, to, from], the same */
    const int32_t *distance;
    const int32_t *member;
    const int32_t *member_of;
    const int32_t *linked;        /* the nodes that are linked */
    const double *share;          /* [person]: the fair share of all, of 1 */
    Span *agreed;                 /* [node]: when it begins, agreed with linked ones */
    Span *kept_agreed;
    Span *best_agreed;
    int64_t *memo;                /* [node, route, 3]: version, extra cost, place */
    int64_t *early;               /* scratch: [keep, place, 2 * wide] */
    int64_t *late;                /* scratch: [2 * wide] */
    int64_t *bounds;              /* scratch: [place] */
    int64_t *busy;                /* scratch: [person] */
    int32_t *row;                 /* scratch */
    int8_t *barred;               /* scratch: [route] */
} Days;

static inline int64_t least_of(int64_t one, int64_t other) {
    return one < other ? one : other;
}

static inline int64_t most_of(int64_t one, int64_t other) {
    return one > other ? one : other;
}

/* Return when work may begin that one is ready for at a time; NEVER if too late. */
static inline int64_t begin_at(const Window *windows, int64_t first, int64_t after,
                               int64_t late_most, int64_t time) {
    for (int64_t n = first; n < after; n++) {
        if (time <= windows[n].closes) return most_of(time, windows[n].opens);
        if (time - windows[n].closes <= late_most &&
            !(n + 1 < after && windows[n + 1].opens <= time))
            return time;
    }
    return first == after ? time : NEVER;
}

/* Return how long after its window work begins. */
static inline int64_t late_by(const Window *windows, int64_t first, int64_t after,
                              int64_t begin) {
    for (int64_t n = after - 1; n >= first; n--)
        if (windows[n].opens <= begin) return most_of(0, begin - windows[n].closes);
    return 0;
}

/* Return the last moment up to a limit at which work may begin; NEVER if none is. */
static inline int64_t latest_begin(const Window *windows, int64_t first, int64_t after,
                                   int64_t late_most, int64_t limit) {
    if (first == after) return limit;
    for (int64_t n = after - 1; n >= first; n--)
        if (windows[n].opens <= limit)
            return least_of(limit, windows[n].closes + late_most);
    return NEVER;
}

/* Return when one is there who takes the breaks first up to after on the way. */
static inline int64_t drive(const Days *d, int64_t time, int64_t travel, int64_t first,
                            int64_t after) {
    for (int64_t n = first; n < after; n++) {
        const Pause *pause = d->pauses + n;
        int64_t begin =
            begin_at(d->windows, pause->window, pause->window_end, 0, time);
        if (begin < 0) return FAR_S;
        travel -= least_of(travel, begin - time);
        time = begin + pause->length;
    }
    return time + travel;
}

/* Return the last moment at which a break may begin. */
static inline int64_t last_begin(const Days *d, int64_t pause) {
    const Pause *one = d->pauses + pause;
    return one->window_end > one->window ? d->windows[one->window_end - 1].closes : FAR_S;
}

/* Return the last moment to leave at to be there by a limit; negative if none is.

   Driving goes on whenever no break does, so that only two things bind: all of it has
   to fit, and each break begins in one of its windows before the next. */
static inline int64_t latest_drive(const Days *d, int64_t limit, int64_t travel,
                                   int64_t first, int64_t after) {
    if (limit < 0) return NEVER;
    int64_t pauses = 0, begin = limit;
    for (int64_t n = after - 1; n >= first; n--) {
        const Pause *pause = d->pauses + n;
        pauses += pause->length;
        begin = latest_begin(d->windows, pause->window, pause->window_end, 0,
                             begin - pause->length);
        if (begin < 0) return NEVER;
    }
    int64_t latest = limit - travel - pauses;
    return after > first ? least_of(latest, begin) : latest;
}

static inline int64_t leg_of(const Days *d, int64_t route, int64_t from, int64_t to) {
    return (d->cars[route].speed * d->place_count + from) * d->place_count + to;
}

/* Return the seconds from one place to another; nothing from and to open ends. */
static inline int64_t driven(const Days *d, int64_t route, int64_t from, int64_t to) {
    return from < 0 || to < 0 ? 0 : d->travel[leg_of(d, route, from, to)];
}

/* Return the metres from one place to another, as far as they are known. */
static inline int64_t metres(const Days *d, int64_t route, int64_t from, int64_t to) {
    return from < 0 || to < 0 ? 0 : d->distance[leg_of(d, route, from, to)];
}

/* Return what driving from one place to another costs, in parts. */
static inline int64_t leg_cost(const Days *d, int64_t route, int64_t from, int64_t to) {
    if (from < 0 || to < 0) return 0;
    int64_t leg = leg_of(d, route, from, to);
    const Car *car = d->cars + route;
    int64_t cost = car->per_s * d->travel[leg];
    return car->per_m ? cost + car->per_m * d->distance[leg] : cost;
}

/* Return how long the work at a node takes for one who comes from a place. */
static inline int64_t work_of(const Days *d, int64_t node, int64_t last) {
    const Node *one = d->nodes + node;
    return one->service + (one->place == last ? 0 : one->setup);
}

/* Return when work at a node may begin from a time on; NEVER: too late.

   With keep not before what was given, where that can be. */
static inline int64_t begin_of(const Days *d, int64_t node, int64_t time, int keep) {
    const Node *one = d->nodes + node;
    if (one->linked) time = most_of(time, d->agreed[node].low);
    int64_t begin =
        begin_at(d->windows, one->window, one->window_end, one->late_most, time);
    if (keep && begin >= 0 && one->given > begin) {
        int64_t later = begin_at(d->windows, one->window, one->window_end, 0, one->given);
        if (later >= 0) begin = later;
    }
    return one->linked && begin > d->agreed[node].high ? NEVER : begin;
}

/* Return the last moment up to a limit at which work at a node may begin. */
static inline int64_t begin_by(const Days *d, int64_t node, int64_t limit) {
    const Node *one = d->nodes + node;
    if (limit < 0) return NEVER;
    if (one->linked) limit = least_of(limit, d->agreed[node].high);
    int64_t begin =
        latest_begin(d->windows, one->window, one->window_end, one->late_most, limit);
    return one->linked && begin < d->agreed[node].low ? NEVER : begin;
}

static inline int is_task(const Days *d, int64_t node) {
    int64_t kind = d->nodes[node].kind;
    return kind == VISIT || kind == PICKUP || kind == DROP;
}

#endif
