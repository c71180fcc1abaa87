/* The last event seen of each station, while a batch is looked at. */

#ifndef FSC_HEADS_H
#define FSC_HEADS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

#include "columns.h"

#define HASH_BYTES 32

typedef struct {
    uint64_t station;
    uint64_t seq;
    unsigned char hash[HASH_BYTES];
    /* Its station's code, while the dictionary of codes lives. */
    Word code;
    int taken;
} Head;

typedef struct {
    Head *heads;
    size_t capacity, count;
    PyObject *codes, *before;
} Heads;

static Head *head_place(const Heads *heads, uint64_t station) {
    size_t at = (size_t)(station * 0x9E3779B97F4A7C15u >> 20) & (heads->capacity - 1);
    while (heads->heads[at].taken && heads->heads[at].station != station)
        at = (at + 1) & (heads->capacity - 1);
    return heads->heads + at;
}

/* Make room for one more; return whether there is. */
static int heads_grow(Heads *heads) {
    if (2 * heads->count < heads->capacity) return 1;
    Heads larger = *heads;
    larger.capacity = heads->capacity ? 2 * heads->capacity : 128;
    larger.heads = PyMem_Calloc(larger.capacity, sizeof(Head));
    if (larger.heads == NULL) return 0;
    for (size_t at = 0; at < heads->capacity; at++)
        if (heads->heads[at].taken)
            *head_place(&larger, heads->heads[at].station) = heads->heads[at];
    PyMem_Free(heads->heads);
    *heads = larger;
    return 1;
}

/* Set the code of a station; return whether it is there. */
static int head_named(const Heads *heads, PyObject *station, Head *head) {
    PyObject *code = PyDict_GetItemWithError(heads->codes, station);
    Py_ssize_t size;
    const char *text = code ? PyUnicode_AsUTF8AndSize(code, &size) : NULL;
    if (text != NULL) head->code = (Word){text, (size_t)size};
    return text != NULL;
}

/* Ask for number and hash of the event before `seq`; return whether that was one. */
static int head_begun(const Heads *heads, PyObject *station, uint64_t seq, Head *head) {
    PyObject *found = PyObject_CallFunction(heads->before, "OL", station, (long long)seq);
    long long last;
    const char *hash;
    Py_ssize_t size;
    int is_one = found && PyArg_ParseTuple(found, "Ly#", &last, &hash, &size) &&
                 size == HASH_BYTES;
    if (is_one) {
        head->seq = (uint64_t)last;
        memcpy(head->hash, hash, HASH_BYTES);
    }
    Py_XDECREF(found);
    return is_one;
}

/* Return the head of a station, from what is known or asked for.

   NULL where that fails, with an error, and where there is none, without. */
static Head *head_of(Heads *heads, uint64_t station, uint64_t seq) {
    if (!heads_grow(heads)) return (Head *)PyErr_NoMemory();
    Head *head = head_place(heads, station);
    if (head->taken) return head;
    PyObject *number = PyLong_FromLongLong((long long)station);
    if (number && head_named(heads, number, head) &&
        head_begun(heads, number, seq, head)) {
        head->station = station;
        head->taken = 1;
        heads->count++;
    }
    Py_XDECREF(number);
    return head->taken ? head : NULL;
}

/* Write what was seen into a dictionary; return whether that could be done. */
static int heads_keep(const Heads *heads, PyObject *kept) {
    for (size_t at = 0; at < heads->capacity; at++) {
        const Head *head = heads->heads + at;
        if (!head->taken) continue;
        PyObject *station = PyLong_FromLongLong((long long)head->station);
        PyObject *value = Py_BuildValue("Ly#", (long long)head->seq,
                                        (const char *)head->hash,
                                        (Py_ssize_t)HASH_BYTES);
        int is_set = station && value && PyDict_SetItem(kept, station, value) == 0;
        Py_XDECREF(station);
        Py_XDECREF(value);
        if (!is_set) return 0;
    }
    return 1;
}

#endif
