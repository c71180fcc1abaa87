/* Whether events are chained, each to the one before it of its station. */

#ifndef FSC_CHAIN_H
#define FSC_CHAIN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "codes.h"
#include "columns.h"
#include "given.h"
#include "heads.h"
#include "texts.h"

/* Of `event_hash`, but for the station, whose code is known. */
#define FIELDS 16
enum { UID_FIELD, SEQ_FIELD, CUSTODIAN_FIELD = 9, LOCATION_FIELD };

/* The columns of is_chained, in their order: of events, of lines, of devices that are
   registered. */
enum { NUMBER, STATION, HASH, FIRST_FIELD, EVENT_COLUMNS = FIRST_FIELD + FIELDS };
enum { LINE_NUMBER, LINE_DEVICE, LINE_KIT, LINE_COLUMNS };
enum { NEW_NUMBER, NEW_DEVICE, NEW_MODEL, NEW_SERIAL, NEW_OWNER, NEW_COLUMNS };

/* What has codes, in the order Python gives them. */
enum { DEVICES, PARTIES, PLACES, MODELS, OWNERS, CODES };

typedef struct {
    Column events[EVENT_COLUMNS], lines[LINE_COLUMNS], new[NEW_COLUMNS];
    Py_ssize_t events_left, lines_left, new_left;
    /* How many events are still to come that say how devices are registered. */
    Py_ssize_t registering_left;
    /* What stands for a word that is lacking. */
    Word filler;
    PyObject *others;
    Py_ssize_t others_left;
    /* Of hashlib: the hash of nothing, and the names of methods. */
    PyObject *sha256, *copy, *update, *digest;
    Codes codes[CODES];
    Heads heads;
    Text text;
    Rows rows;
} Chain;

/* Set a word that is the number of something to its code. */
static Outcome to_code(const Codes *codes, Word *word) {
    uint64_t number;
    if (as_number(*word, &number) && code_of(codes, number, word)) return YES;
    return PyErr_Occurred() ? FAILED : NO;
}

/* Add how the device of a line is registered. */
static Outcome take_registered(Chain *chain, uint64_t number, Word device) {
    Text *text = &chain->rows.text;
    if (chain->new_left-- == 0 || !is_line_of(chain->new + NEW_NUMBER, number) ||
        !is_same(next_word(chain->new + NEW_DEVICE), device))
        return NO;
    Word model = next_word(chain->new + NEW_MODEL);
    Word serial = or_nothing(next_word(chain->new + NEW_SERIAL), chain->filler);
    Word owner = next_word(chain->new + NEW_OWNER);
    Outcome outcome = to_code(chain->codes + MODELS, &model);
    if (outcome == YES) outcome = to_code(chain->codes + OWNERS, &owner);
    if (outcome != YES) return outcome;
    return text_add_field(text, model) && text_add_field(text, serial) &&
                   text_add_field(text, owner)
               ? YES
               : out_of_memory();
}

/* Return whether an event says how its devices are registered. */
static int is_registering(const Chain *chain, uint64_t number) {
    Column ahead = chain->new[NEW_NUMBER];
    return chain->new_left > 0 && is_line_of(&ahead, number);
}

/* Take the lines of an event. */
static Outcome take_lines(Chain *chain, uint64_t number, int registers) {
    Rows *rows = &chain->rows;
    while (chain->lines_left > 0 && is_line_of(chain->lines + LINE_NUMBER, number)) {
        chain->lines_left--;
        Word device = next_word(chain->lines + LINE_DEVICE), tag = device;
        Word kit = next_word(chain->lines + LINE_KIT);
        Outcome outcome = to_code(chain->codes + DEVICES, &tag);
        if (outcome == YES) outcome = to_code(chain->codes + DEVICES, &kit);
        if (outcome != YES) return outcome;
        if (!rows_begin(rows) || !text_add(&rows->text, "d", 1) ||
            !text_add_field(&rows->text, tag) || !text_add_field(&rows->text, kit))
            return out_of_memory();
        if (registers) outcome = take_registered(chain, number, device);
        if (outcome != YES) return outcome;
        rows_end(rows);
    }
    return YES;
}

/* Take the rows of an event that are about no device. */
static Outcome take_others(Chain *chain, uint64_t number) {
    if (chain->others_left == 0) return YES;
    PyObject *key = PyLong_FromLongLong((long long)number);
    if (key == NULL) return FAILED;
    PyObject *texts = PyDict_GetItemWithError(chain->others, key);
    Py_DECREF(key);
    if (texts == NULL) return PyErr_Occurred() ? FAILED : YES;
    if (!PyList_Check(texts)) return NO;
    chain->others_left--;
    for (Py_ssize_t at = 0; at < PyList_GET_SIZE(texts); at++) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GET_ITEM(texts, at), &size);
        if (text == NULL) return FAILED;
        if (!rows_begin(&chain->rows) ||
            !text_add(&chain->rows.text, text, (size_t)size))
            return out_of_memory();
        rows_end(&chain->rows);
    }
    return YES;
}

/* Hash what is in the text into a head; return whether it is what the event has. */
static Outcome hash_into(Chain *chain, Head *head, Word expected) {
    static const char DIGITS[] = "0123456789ABCDEF";
    PyObject *text = PyBytes_FromStringAndSize(chain->text.bytes,
                                               (Py_ssize_t)chain->text.size);
    /* A copy: to begin a new one takes as long again. */
    PyObject *hash = text ? PyObject_CallMethodNoArgs(chain->sha256, chain->copy) : NULL;
    PyObject *updated = hash ? PyObject_CallMethodOneArg(hash, chain->update, text) : NULL;
    PyObject *digest = updated ? PyObject_CallMethodNoArgs(hash, chain->digest) : NULL;
    Outcome outcome = FAILED;
    if (digest != NULL && PyBytes_Check(digest) &&
        PyBytes_GET_SIZE(digest) == HASH_BYTES) {
        const unsigned char *bytes = (unsigned char *)PyBytes_AS_STRING(digest);
        outcome = expected.size == 2 * HASH_BYTES ? YES : NO;
        for (int at = 0; outcome == YES && at < HASH_BYTES; at++)
            if (expected.at[2 * at] != DIGITS[bytes[at] >> 4] ||
                expected.at[2 * at + 1] != DIGITS[bytes[at] & 15])
                outcome = NO;
        memcpy(head->hash, bytes, HASH_BYTES);
    } else if (digest != NULL) {
        PyErr_SetString(PyExc_TypeError, "sha256 gave no hash");
    }
    Py_XDECREF(text);
    Py_XDECREF(hash);
    Py_XDECREF(updated);
    Py_XDECREF(digest);
    return outcome;
}

/* Put together what is hashed of the event that the columns stand at. */
static Outcome put_together(Chain *chain, uint64_t number, const Head *head,
                            const Word *fields) {
    Text *text = &chain->text;
    int registers = is_registering(chain, number);
    chain->registering_left -= registers;
    text->size = 0;
    if (!text_add(text, (char *)head->hash, HASH_BYTES) ||
        !text_add(text, registers ? "3" : "2", 1) ||
        !text_add_field(text, fields[UID_FIELD]) || !text_add_field(text, head->code))
        return out_of_memory();
    for (int at = SEQ_FIELD; at < FIELDS; at++)
        if (!text_add_field(text, or_nothing(fields[at], chain->filler)))
            return out_of_memory();
    rows_clear(&chain->rows);
    Outcome outcome = take_lines(chain, number, registers);
    if (outcome == YES) outcome = take_others(chain, number);
    if (outcome != YES) return outcome;
    return text_add_rows(text, &chain->rows) ? YES : out_of_memory();
}

static Outcome look_at_event(Chain *chain) {
    Column *columns = chain->events;
    Word fields[FIELDS];
    uint64_t number, station, seq;
    if (!next_number(columns + NUMBER, &number) ||
        !next_number(columns + STATION, &station))
        return NO;
    Word expected = next_word(columns + HASH);
    for (int at = 0; at < FIELDS; at++) fields[at] = next_word(columns + FIRST_FIELD + at);
    if (!as_number(fields[SEQ_FIELD], &seq)) return NO;
    Head *head = head_of(&chain->heads, station, seq);
    if (head == NULL) return PyErr_Occurred() ? FAILED : NO;
    if (head->seq != seq - 1) return NO;
    head->seq = seq;
    Outcome outcome = to_code(chain->codes + PARTIES, fields + CUSTODIAN_FIELD);
    if (outcome == YES) outcome = to_code(chain->codes + PLACES, fields + LOCATION_FIELD);
    if (outcome == YES) outcome = put_together(chain, number, head, fields);
    return outcome == YES ? hash_into(chain, head, expected) : outcome;
}

/* Return whether nothing is left over, as a row of an event that is not there. */
static int is_used_up_whole(const Chain *chain, Py_ssize_t events, Py_ssize_t lines,
                            Py_ssize_t devices) {
    return chain->lines_left == 0 && chain->others_left == 0 && chain->new_left == 0 &&
           chain->registering_left == 0 &&
           are_used_up(chain->events, EVENT_COLUMNS, events) &&
           are_used_up(chain->lines, LINE_COLUMNS, lines) &&
           are_used_up(chain->new, NEW_COLUMNS, devices);
}

/* Set all codes, each to a table, the batch in hand, and what has no place there. */
static int codes_of(PyObject *known, Codes *codes) {
    if (PyTuple_GET_SIZE(known) != CODES) {
        PyErr_Format(PyExc_ValueError, "there must be codes of %d kinds", CODES);
        return 0;
    }
    for (int at = 0; at < CODES; at++) {
        PyObject *table;
        unsigned long batch;
        if (!PyArg_Parse(PyTuple_GET_ITEM(known, at), "(OkO!)", &table, &batch,
                         &PyDict_Type, &codes[at].others) ||
            !codes_hold(table, batch, codes + at))
            return 0;
    }
    return 1;
}

static PyObject *chained(Chain *chain, PyObject *kept) {
    Py_ssize_t events = chain->events_left, lines = chain->lines_left;
    Py_ssize_t devices = chain->new_left;
    Outcome outcome = YES;
    while (outcome == YES && chain->events_left-- > 0) outcome = look_at_event(chain);
    if (outcome == YES && !is_used_up_whole(chain, events, lines, devices)) outcome = NO;
    if (outcome == YES && !heads_keep(&chain->heads, kept)) outcome = FAILED;
    return outcome == FAILED ? NULL : PyBool_FromLong(outcome == YES);
}

static PyObject *is_chained(PyObject *module, PyObject *args) {
    (void)module;
    Chain chain = {0};
    PyObject *codes, *found = NULL, *event_texts, *line_texts, *new_texts, *kept;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "(nO)(nO)(nO)ns#O!O!O!O!OO", &chain.events_left,
                          &event_texts, &chain.lines_left, &line_texts, &chain.new_left,
                          &new_texts, &chain.registering_left, &chain.filler.at, &size,
                          &PyDict_Type, &chain.others, &PyTuple_Type, &codes,
                          &PyDict_Type, &kept, &PyDict_Type, &chain.heads.codes,
                          &chain.heads.before, &chain.sha256) ||
        !columns_of(event_texts, chain.events, EVENT_COLUMNS) ||
        !columns_of(line_texts, chain.lines, LINE_COLUMNS) ||
        !columns_of(new_texts, chain.new, NEW_COLUMNS))
        return NULL;
    chain.copy = PyUnicode_InternFromString("copy");
    chain.update = PyUnicode_InternFromString("update");
    chain.digest = PyUnicode_InternFromString("digest");
    chain.filler.size = (size_t)size;
    chain.others_left = PyDict_GET_SIZE(chain.others);
    if (chain.copy && chain.update && chain.digest && codes_of(codes, chain.codes))
        found = chained(&chain, kept);
    for (int at = 0; at < CODES; at++) PyBuffer_Release(&chain.codes[at].held);
    Py_XDECREF(chain.copy);
    Py_XDECREF(chain.update);
    Py_XDECREF(chain.digest);
    PyMem_Free(chain.heads.heads);
    PyMem_Free(chain.text.bytes);
    PyMem_Free(chain.rows.text.bytes);
    PyMem_Free(chain.rows.rows);
    return found;
}

#endif
