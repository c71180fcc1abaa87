/* What is hashed of an event: put together as `event_hash` does, row by row. */

#ifndef FSC_TEXTS_H
#define FSC_TEXTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "columns.h"

typedef struct {
    char *bytes;
    size_t size, capacity;
} Text;

typedef struct {
    const Text *text;
    size_t begin, size;
} Row;

typedef struct {
    Text text;
    Row *rows;
    size_t count, capacity;
} Rows;

/* Make room for so many bytes more; return whether there is. */
static int text_room(Text *text, size_t more) {
    if (text->capacity - text->size >= more) return 1;
    size_t capacity = 2 * (text->size + more);
    char *bytes = PyMem_Realloc(text->bytes, capacity);
    if (bytes == NULL) return 0;
    text->bytes = bytes;
    text->capacity = capacity;
    return 1;
}

static int text_add(Text *text, const char *bytes, size_t size) {
    if (!text_room(text, size)) return 0;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    return 1;
}

/* Add a field behind its separator. */
static int text_add_field(Text *text, Word word) {
    if (!text_room(text, word.size + 1)) return 0;
    text->bytes[text->size++] = SEPARATOR;
    memcpy(text->bytes + text->size, word.at, word.size);
    text->size += word.size;
    return 1;
}

/* Begin a row of an event; its bytes are those added to `rows->text` from here on. */
static int rows_begin(Rows *rows) {
    if (rows->count == rows->capacity) {
        size_t capacity = 2 * rows->capacity + 16;
        Row *grown = PyMem_Realloc(rows->rows, capacity * sizeof(Row));
        if (grown == NULL) return 0;
        rows->rows = grown;
        rows->capacity = capacity;
    }
    rows->rows[rows->count++] = (Row){&rows->text, rows->text.size, 0};
    return 1;
}

static void rows_end(Rows *rows) {
    Row *row = rows->rows + rows->count - 1;
    row->size = rows->text.size - row->begin;
}

static int compare_rows(const void *one, const void *other) {
    const Row *left = one, *right = other;
    size_t size = left->size < right->size ? left->size : right->size;
    int order = memcmp(left->text->bytes + left->begin,
                       right->text->bytes + right->begin, size);
    return order ? order : (left->size > right->size) - (left->size < right->size);
}

/* Add the rows to the text of their event, in order; the order of UTF-8 is Python's. */
static int text_add_rows(Text *text, Rows *rows) {
    if (rows->count > 1) qsort(rows->rows, rows->count, sizeof(Row), compare_rows);
    for (size_t at = 0; at < rows->count; at++) {
        const Row *row = rows->rows + at;
        const char mark = ROW;
        if (!text_add(text, &mark, 1) ||
            !text_add(text, rows->text.bytes + row->begin, row->size))
            return 0;
    }
    return 1;
}

static void rows_clear(Rows *rows) { rows->count = rows->text.size = 0; }

#endif
