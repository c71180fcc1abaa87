/* The routes a search has seen, kept to be put together in new ways. */

#ifndef FSC_POOL_H
#define FSC_POOL_H

#include "solution.h"

typedef struct {
    int64_t room, longest, slot_count; /* slot_count is a power of two */
    int32_t *nodes;  /* [entry, place] */
    int32_t *size;
    int32_t *route;  /* [entry]: the route it was seen on */
    int64_t *cost;
    int64_t *worth;  /* [entry]: the cost of the best solution it was part of */
    uint64_t *sign;  /* [entry]: the set of its nodes as a number */
    int32_t *slots;  /* a hash table of entries; -1 is free */
    const uint64_t *signs;      /* [node]: a random number each */
    const uint64_t *kind_signs; /* [route]: the same where routes are alike */
    int64_t entries;
} Pool;

static inline int64_t slot_of(const Pool *pool, uint64_t sign) {
    uint64_t mask = (uint64_t)pool->slot_count - 1;
    return (int64_t)(((sign * UINT64_C(0x9E3779B97F4A7C15)) >> 40) & mask);
}

/* Add one route of a solution that costs worth; a known set is made cheaper. */
static void pool_add(Pool *pool, const Solution *s, int64_t route, int64_t worth) {
    const int32_t *nodes = row_of(s, route);
    int64_t size = s->size[route];
    if (size == 0) return;
    uint64_t sign = pool->kind_signs[route];
    for (int64_t at = 1; at <= size; at++) sign ^= pool->signs[nodes[at]];
    int64_t mask = pool->slot_count - 1, slot = slot_of(pool, sign);
    int64_t entry = pool->slots[slot];
    while (entry >= 0 && pool->sign[entry] != sign) {
        slot = (slot + 1) & mask;
        entry = pool->slots[slot];
    }
    int64_t cost = sums_of(s, route)[COST];
    if (entry < 0) {
        if (pool->entries >= pool->room || size > pool->longest) return;
        entry = pool->entries++;
        pool->slots[slot] = (int32_t)entry;
        pool->sign[entry] = sign;
        pool->worth[entry] = worth;
    } else {
        if (worth < pool->worth[entry]) pool->worth[entry] = worth;
        if (cost >= pool->cost[entry]) return;
    }
    pool->cost[entry] = cost;
    pool->route[entry] = (int32_t)route;
    pool->size[entry] = (int32_t)size;
    memcpy(pool->nodes + entry * pool->longest, nodes + 1,
           (size_t)size * sizeof(int32_t));
}

/* Keep the entries whose worth is below a limit. */
static void pool_keep(Pool *pool, int64_t limit) {
    int64_t mask = pool->slot_count - 1, kept = 0;
    for (int64_t n = 0; n < pool->slot_count; n++) pool->slots[n] = -1;
    for (int64_t old = 0; old < pool->entries; old++) {
        if (pool->worth[old] >= limit) continue;
        int64_t slot = slot_of(pool, pool->sign[old]);
        while (pool->slots[slot] >= 0) slot = (slot + 1) & mask;
        pool->slots[slot] = (int32_t)kept;
        pool->sign[kept] = pool->sign[old];
        pool->worth[kept] = pool->worth[old];
        pool->cost[kept] = pool->cost[old];
        pool->route[kept] = pool->route[old];
        pool->size[kept] = pool->size[old];
        memmove(pool->nodes + kept * pool->longest, pool->nodes + old * pool->longest,
                (size_t)pool->size[old] * sizeof(int32_t));
        kept++;
    }
    pool->entries = kept;
}

#endif
