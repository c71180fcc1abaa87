/* Random numbers, from a state that is given.

   Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators,
   scrambled", ACM Transactions on Mathematical Software 42 (4), 2016: xorshift64*. */

#ifndef FSC_DICE_H
#define FSC_DICE_H

#include <stdint.h>

typedef struct {
    uint64_t state; /* not 0 */
} Dice;

static inline uint64_t roll(Dice *dice) {
    uint64_t state = dice->state;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    dice->state = state;
    return state * UINT64_C(2685821657736338717);
}

/* Return a random whole number, at least 0 and below count. */
static inline int64_t below(Dice *dice, int64_t count) {
    return (int64_t)(((roll(dice) >> 32) * (uint64_t)count) >> 32);
}

/* Return a random fraction, at least 0 and below 1. */
static inline double chance(Dice *dice) {
    return (double)(roll(dice) >> 11) * (1.0 / 9007199254740992.0);
}

#endif
