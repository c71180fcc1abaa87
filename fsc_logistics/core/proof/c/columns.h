/* Columns of a result, each one text: its values in their order, a mark between them. */

#ifndef FSC_COLUMNS_H
#define FSC_COLUMNS_H

#include <stdint.h>
#include <string.h>

/* As in event_hash. */
#define SEPARATOR '\x1f'
#define ROW '\x1e'
#define NOTHING "\x1d"

typedef struct {
    const char *at, *end;
    int64_t marks;
} Column;

typedef struct {
    const char *at;
    size_t size;
} Word;

/* Take the next value of a column; beyond the last there are empty ones. */
static inline Word next_word(Column *column) {
    const char *at = column->at;
    const char *mark = memchr(at, ROW, (size_t)(column->end - at));
    if (mark == NULL) {
        column->at = column->end;
        return (Word){at, (size_t)(column->end - at)};
    }
    column->marks++;
    column->at = mark + 1;
    return (Word){at, (size_t)(mark - at)};
}

/* Return whether a column had as many values as were taken, no more and no fewer. */
static inline int is_used_up(const Column *column, int64_t taken) {
    return column->at == column->end && column->marks == (taken > 0 ? taken - 1 : 0);
}

static inline int are_used_up(const Column *columns, int count, int64_t taken) {
    while (count-- > 0)
        if (!is_used_up(columns++, taken)) return 0;
    return 1;
}

static inline int is_same(Word one, Word other) {
    return one.size == other.size && memcmp(one.at, other.at, one.size) == 0;
}

static inline int is_word(Word word, const char *text) {
    return is_same(word, (Word){text, strlen(text)});
}

/* Return the word that is hashed: what stands for none, where that is lacking. */
static inline Word or_nothing(Word word, Word filler) {
    return is_same(word, filler) ? (Word){NOTHING, 1} : word;
}

/* Set a whole number as two's complement; return whether the word is one.

   Eighteen digits are fewer than 64 bits hold; no moment or number of a row has more. */
static inline int as_number(Word word, uint64_t *number) {
    size_t begin = word.size > 0 && *word.at == '-', at = begin;
    uint64_t sum = 0;
    if (word.size == begin || word.size > begin + 18) return 0;
    for (; at < word.size; at++) {
        unsigned digit = (unsigned)(word.at[at] - '0');
        if (digit > 9) return 0;
        sum = sum * 10 + digit;
    }
    *number = begin ? 0 - sum : sum;
    return 1;
}

static inline int next_number(Column *column, uint64_t *number) {
    return as_number(next_word(column), number);
}

/* Pass over the number of a line if it is that of an event; return whether it was. */
static inline int is_line_of(Column *numbers, uint64_t event) {
    Column ahead = *numbers;
    uint64_t number;
    if (!next_number(&ahead, &number) || number != event) return 0;
    *numbers = ahead;
    return 1;
}

#endif
