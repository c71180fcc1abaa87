/* The sums of `fingerprints`, in C: the same numbers for the same rows. */

#ifndef FSC_SUMS_H
#define FSC_SUMS_H

#include <stdint.h>

enum { CUSTODY, KIT, CONDITION, FLAG };
enum { KEY_ALL, KEY_CHAIN, KEY_DEVICE, KEY_AT, KEY_EVENT, KEY_FIRST, KEY_SECOND, KEY_LAST };

typedef struct {
    uint64_t keys[8];
    uint64_t *totals;
    /* 1, or all ones where what was added is taken back. */
    uint64_t sign;
    uint64_t groups;
    /* One more than the highest number of a device; fewer than 2^47. */
    uint64_t size;
} Sums;

typedef struct {
    uint64_t chain, device, at, event, first, second;
} Said;

static inline uint64_t group_of(const Sums *sums, uint64_t device) {
    return device < sums->size ? device * sums->groups / sums->size : 0;
}

static inline void add_said(Sums *sums, const Said *said) {
    const uint64_t *keys = sums->keys;
    uint64_t one = keys[KEY_ALL] + keys[KEY_CHAIN] * said->chain +
                   keys[KEY_DEVICE] * said->device + keys[KEY_AT] * said->at +
                   keys[KEY_EVENT] * said->event + keys[KEY_FIRST] * said->first +
                   keys[KEY_SECOND] * said->second;
    one ^= one >> 32;
    sums->totals[group_of(sums, said->device)] += sums->sign * one * (one ^ keys[KEY_LAST]);
}

#endif
