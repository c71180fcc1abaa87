/* Adding what lines and spans say to the sums that Python keeps. */

#ifndef FSC_SUMMING_H
#define FSC_SUMMING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "columns.h"
#include "given.h"
#include "sums.h"

/* Set the sums to what Python keeps them in; the totals are held until released. */
static int sums_of(PyObject *keys, PyObject *totals, unsigned long long devices,
                   Sums *sums, Py_buffer *held) {
    if (!PyArg_ParseTuple(keys, "KKKKKKKK", sums->keys, sums->keys + 1, sums->keys + 2,
                          sums->keys + 3, sums->keys + 4, sums->keys + 5,
                          sums->keys + 6, sums->keys + 7) ||
        PyObject_GetBuffer(totals, held, PyBUF_WRITABLE) < 0)
        return 0;
    sums->totals = held->buf;
    sums->sign = 1;
    sums->groups = (uint64_t)held->len / sizeof(uint64_t);
    sums->size = devices + 1;
    return 1;
}

enum { OTHER_WORD = 1, FIRST_WORD };

/* Return the number of a word: by its place among those there are. */
static uint64_t number_of(Word word, PyObject *words) {
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(words); at++) {
        const char *known = PyUnicode_AsUTF8(PyTuple_GET_ITEM(words, at));
        if (known != NULL && is_word(word, known)) return (uint64_t)at + FIRST_WORD;
    }
    return OTHER_WORD;
}

/* The columns of add_lines, in their order. */
enum { SAID_NUMBER, SAID_AT, SAID_KIND, SAID_CUSTODIAN, SAID_LOCATION, SAID_CONDITION,
       SAID_FLAG, SAID_RAISED, SAID_COLUMNS };
enum { OF_EVENT, OF_DEVICE, OF_KIT, OF_COLUMNS };

typedef struct {
    Column events[SAID_COLUMNS], lines[OF_COLUMNS];
    Py_ssize_t events_left, lines_left;
    Word filler;
    PyObject *wrong, *words;
} Lines;

/* Return whether an event is declared wrong, or what it says of a device. */
static Outcome is_wrong(PyObject *wrong, uint64_t number, uint64_t device) {
    if (PyDict_GET_SIZE(wrong) == 0) return NO;
    PyObject *key = PyLong_FromLongLong((long long)number);
    PyObject *devices = key ? PyDict_GetItemWithError(wrong, key) : NULL;
    Py_XDECREF(key);
    if (devices == NULL) return PyErr_Occurred() ? FAILED : NO;
    int found = 0;
    for (int at = 0; at < 2 && found == 0; at++) {
        PyObject *one = PyLong_FromLongLong(at == 0 ? 0 : (long long)device);
        found = one ? PySequence_Contains(devices, one) : -1;
        Py_XDECREF(one);
    }
    return found < 0 ? FAILED : found ? YES : NO;
}

/* Add what an event says of a device. */
static Outcome add_line(Sums *sums, const Lines *lines, const Word *event, Said said,
                        Word kit) {
    uint64_t custodian, location, kit_id, raised = 0;
    if (!as_number(event[SAID_AT], &said.at) ||
        !as_number(event[SAID_CUSTODIAN], &custodian) ||
        !as_number(event[SAID_LOCATION], &location) || !as_number(kit, &kit_id) ||
        !(is_same(event[SAID_RAISED], lines->filler) ||
          as_number(event[SAID_RAISED], &raised)))
        return NO;
    Outcome declared = is_wrong(lines->wrong, said.event, said.device);
    if (declared != NO) return declared;
    Word kind = event[SAID_KIND], condition = event[SAID_CONDITION];
    int moves = is_word(kind, "object");
    if (moves) {
        said.chain = CUSTODY, said.first = custodian, said.second = location;
        add_said(sums, &said);
    } else if (is_word(kind, "aggregation")) {
        said.chain = KIT, said.first = kit_id;
        add_said(sums, &said);
    } else if (is_word(kind, "flag")) {
        said.chain = FLAG, said.first = number_of(event[SAID_FLAG], lines->words);
        said.second = raised;
        add_said(sums, &said);
    }
    if (!is_same(condition, lines->filler) && (moves || is_word(kind, "condition"))) {
        said.chain = CONDITION, said.first = number_of(condition, lines->words);
        said.second = 0;
        add_said(sums, &said);
    }
    return YES;
}

/* Add what events say of all their devices; say how many lines that were. */
static Outcome add_events(Sums *sums, Lines lines, Py_ssize_t *added) {
    Outcome outcome = YES;
    *added = 0;
    while (outcome == YES && lines.events_left-- > 0) {
        Word event[SAID_COLUMNS];
        Said said = {0};
        for (int at = 0; at < SAID_COLUMNS; at++) event[at] = next_word(lines.events + at);
        if (!as_number(event[SAID_NUMBER], &said.event)) return NO;
        while (*added < lines.lines_left && is_line_of(lines.lines, said.event)) {
            Word kit = next_word(lines.lines + OF_KIT);
            if (!next_number(lines.lines + OF_DEVICE, &said.device)) return NO;
            outcome = add_line(sums, &lines, event, said, kit);
            if (outcome != YES) break;
            ++*added;
        }
    }
    return outcome;
}

static PyObject *add_lines(PyObject *module, PyObject *args) {
    (void)module;
    Lines lines;
    Py_ssize_t size;
    PyObject *said, *of, *keys, *totals;
    unsigned long long devices;
    Sums sums;
    Py_buffer held;
    if (!PyArg_ParseTuple(args, "(nO)(nO)s#O!O!O!OK", &lines.events_left,
                          &said, &lines.lines_left, &of, &lines.filler.at, &size,
                          &PyDict_Type, &lines.wrong, &PyTuple_Type, &lines.words,
                          &PyTuple_Type, &keys, &totals, &devices) ||
        !columns_of(said, lines.events, SAID_COLUMNS) ||
        !columns_of(of, lines.lines, OF_COLUMNS) ||
        !sums_of(keys, totals, devices, &sums, &held))
        return NULL;
    lines.filler.size = (size_t)size;
    Py_ssize_t added;
    Outcome outcome = add_events(&sums, lines, &added);
    if (outcome == NO) {
        /* All that was added is taken back. */
        sums.sign = 0 - sums.sign;
        lines.lines_left = added;
        if (add_events(&sums, lines, &added) == FAILED) outcome = FAILED;
    }
    PyBuffer_Release(&held);
    return outcome == FAILED ? NULL : PyBool_FromLong(outcome == YES);
}

/* The columns of add_spans, in their order. */
enum { SPAN_DEVICE, SPAN_AT, SPAN_EVENT, SPAN_END, SPAN_LINK, SPAN_FIRST, SPAN_SECOND,
       SPAN_COLUMNS };

typedef struct {
    Column columns[SPAN_COLUMNS];
    Py_ssize_t left;
    uint64_t chain, open;
    Word filler;
    PyObject *words;
} Spans;

/* Set the first value of a span: a condition or flag that is known, or a number. */
static int first_of(const Spans *spans, Word word, uint64_t *first) {
    if (spans->chain != CONDITION && spans->chain != FLAG) return as_number(word, first);
    *first = number_of(word, spans->words);
    return *first != OTHER_WORD;
}

/* Add spans that are ordered, and those devices where one does not follow another; say
   how many spans that were. */
static Outcome add_ordered(Sums *sums, Spans spans, PyObject *marked, Py_ssize_t *added) {
    uint64_t device_before = 0, flag_before = 0, ends = spans.open, end, link = 0;
    Column *columns = spans.columns;
    for (*added = 0; *added < spans.left; ++*added) {
        Said said = {.chain = spans.chain};
        Word linked = next_word(columns + SPAN_LINK);
        int is_first = is_same(linked, spans.filler);
        if (!next_number(columns + SPAN_DEVICE, &said.device) ||
            !next_number(columns + SPAN_AT, &said.at) ||
            !next_number(columns + SPAN_EVENT, &said.event) ||
            !next_number(columns + SPAN_END, &end) ||
            !first_of(&spans, next_word(columns + SPAN_FIRST), &said.first) ||
            !next_number(columns + SPAN_SECOND, &said.second) ||
            !(is_first || as_number(linked, &link)))
            return NO;
        uint64_t flag = spans.chain == FLAG ? said.first : 0;
        if (*added > 0 && said.device == device_before && flag == flag_before) {
            int follows = !is_first && said.at == ends && link == ends;
            if (!follows && !add_number(marked, said.device)) return FAILED;
        } else {
            if (ends != spans.open && !add_number(marked, device_before)) return FAILED;
            if (!is_first && !add_number(marked, said.device)) return FAILED;
        }
        device_before = said.device, flag_before = flag, ends = end;
        add_said(sums, &said);
    }
    if (sums->sign == 1 && !are_used_up(columns, SPAN_COLUMNS, spans.left)) return NO;
    return ends == spans.open || add_number(marked, device_before) ? YES : FAILED;
}

static PyObject *add_spans(PyObject *module, PyObject *args) {
    (void)module;
    Spans spans;
    Py_ssize_t size;
    PyObject *texts, *keys, *totals;
    unsigned long long chain, open, devices;
    Sums sums;
    Py_buffer held;
    if (!PyArg_ParseTuple(args, "(nO)s#KKO!O!OK", &spans.left, &texts, &spans.filler.at,
                          &size, &chain, &open, &PyTuple_Type, &spans.words,
                          &PyTuple_Type, &keys, &totals, &devices) ||
        !columns_of(texts, spans.columns, SPAN_COLUMNS) ||
        !sums_of(keys, totals, devices, &sums, &held))
        return NULL;
    spans.chain = chain, spans.open = open, spans.filler.size = (size_t)size;
    PyObject *marked = PyList_New(0);
    Py_ssize_t added;
    Outcome outcome = marked ? add_ordered(&sums, spans, marked, &added) : FAILED;
    if (outcome == NO) {
        /* All that was added is taken back. */
        sums.sign = 0 - sums.sign;
        spans.left = added;
        if (add_ordered(&sums, spans, marked, &added) != YES) outcome = FAILED;
    }
    PyBuffer_Release(&held);
    if (outcome == YES) return marked;
    Py_XDECREF(marked);
    if (outcome == FAILED) return NULL;
    Py_RETURN_NONE;
}

#endif
