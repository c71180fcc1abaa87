/* Codes by number, in a table of one size: of many that are seen often, those seen last.

   Each number has one place, which it shares with others.  What the batch in hand names
   stays there; a number of that batch that finds its place taken is left to a
   dictionary. */

#ifndef FSC_CODES_H
#define FSC_CODES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

#include "columns.h"

#define CODE_MAX 19
/* Instead of a size: the code was not found, or not asked for yet. */
#define UNTOLD 255

typedef struct {
    uint64_t number;
    uint32_t batch;
    unsigned char size;
    char code[CODE_MAX];
} Place;

typedef struct {
    Py_buffer held;
    Place *places;
    uint64_t mask;
    uint32_t batch;
    /* Codes that have no place there, by number. */
    PyObject *others;
} Codes;

/* Set to a table that Python keeps, of a power of two of places; hold it. */
static int codes_hold(PyObject *table, unsigned long batch, Codes *codes) {
    if (PyObject_GetBuffer(table, &codes->held, PyBUF_WRITABLE) < 0) return 0;
    codes->places = codes->held.buf;
    codes->mask = (uint64_t)codes->held.len / sizeof(Place) - 1;
    codes->batch = (uint32_t)batch;
    return 1;
}

static Place *place_of(const Codes *codes, uint64_t number) {
    return codes->places + (number & codes->mask);
}

/* Return whether a number must be asked for; its place is then kept for it. */
static int is_wanted(const Codes *codes, uint64_t number) {
    Place *place = place_of(codes, number);
    int is_here = place->number == number, is_now = place->batch == codes->batch;
    if (is_here && (is_now || place->size != UNTOLD)) {
        place->batch = codes->batch;
        return 0;
    }
    if (!is_now)
        *place = (Place){.number = number, .batch = codes->batch, .size = UNTOLD};
    return 1;
}

/* Return whether nothing in a code could be taken for what is between codes. */
static int is_told_apart(const char *code, Py_ssize_t size) {
    for (Py_ssize_t at = 0; at < size; at++)
        if ((unsigned char)code[at] < ' ') return 0;
    return 1;
}

static void put_code(Place *place, const char *code, size_t size) {
    memcpy(place->code, code, size);
    place->size = (unsigned char)size;
}

/* Keep a code in the place of its number; return whether it has that. */
static int keep_code(const Codes *codes, uint64_t number, const char *code,
                     Py_ssize_t size) {
    Place *place = place_of(codes, number);
    if (place->number != number || place->batch != codes->batch || size > CODE_MAX)
        return 0;
    put_code(place, code, (size_t)size);
    return 1;
}

/* Keep a code before a batch asks for it, in the place of any other. */
static void foresee_code(const Codes *codes, uint64_t number, Word code) {
    if (code.size > CODE_MAX || !is_told_apart(code.at, (Py_ssize_t)code.size)) return;
    Place *place = place_of(codes, number);
    *place = (Place){.number = number, .batch = codes->batch};
    put_code(place, code.at, code.size);
}

/* Set the code of a number, what stands for none if that is 0; return whether it is
   known.  An error may be set where it is not. */
static int code_of(const Codes *codes, uint64_t number, Word *code) {
    if (number == 0) {
        *code = (Word){NOTHING, 1};
        return 1;
    }
    const Place *place = place_of(codes, number);
    if (place->number == number && place->size != UNTOLD) {
        *code = (Word){place->code, place->size};
        return 1;
    }
    PyObject *key = PyLong_FromLongLong((long long)number);
    PyObject *found = key ? PyDict_GetItemWithError(codes->others, key) : NULL;
    Py_XDECREF(key);
    Py_ssize_t size;
    const char *text = found ? PyUnicode_AsUTF8AndSize(found, &size) : NULL;
    if (text == NULL) return 0;
    *code = (Word){text, (size_t)size};
    return 1;
}

#endif
