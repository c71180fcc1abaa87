/* The quick look at the ledger: what Python calls; see `core.proof.quick_look`.

   It only tells whether a batch is as it should be.  Whatever it does not know, a word
   that is no number, an event out of its order, is a no: Python then looks itself. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "columns.h"
#include "heads.h"
#include "sums.h"
#include "texts.h"

/* Of `event_hash`, but for the station, whose code is known. */
#define FIELDS 16
enum { UID_FIELD, SEQ_FIELD };

/* Set the columns to the texts of a tuple; return whether there are so many. */
static int columns_of(PyObject *texts, Column *columns, Py_ssize_t count) {
    if (!PyTuple_Check(texts) || PyTuple_GET_SIZE(texts) != count) {
        PyErr_Format(PyExc_ValueError, "there must be %zd columns", count);
        return 0;
    }
    for (Py_ssize_t at = 0; at < count; at++) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(texts, at), &size);
        if (text == NULL) return 0;
        columns[at] = (Column){text, text + size, 0};
    }
    return 1;
}

/* The columns of is_chained, in their order: of events, and of lines. */
enum { NUMBER, STATION, HASH, FIRST_FIELD, EVENT_COLUMNS = FIRST_FIELD + FIELDS };
enum { LINE_NUMBER, TAG, KIT_TAG, LINE_COLUMNS };

/* What came of a step: an error that is set, a no, a yes. */
typedef enum { FAILED = -1, NO, YES } Outcome;

static Outcome out_of_memory(void) {
    PyErr_NoMemory();
    return FAILED;
}

typedef struct {
    Column events[EVENT_COLUMNS], lines[LINE_COLUMNS];
    Py_ssize_t events_left, lines_left;
    /* What stands for a word that is lacking. */
    Word filler;
    PyObject *others;
    Py_ssize_t others_left;
    /* Of hashlib, and the name of its method. */
    PyObject *sha256, *digest;
    Heads heads;
    Text text;
    Rows rows;
} Chain;

/* Pass over the number of a line if it is that of an event; return whether it was. */
static int is_line_of(Column *numbers, uint64_t event) {
    Column ahead = *numbers;
    uint64_t number;
    if (!next_number(&ahead, &number) || number != event) return 0;
    *numbers = ahead;
    return 1;
}

/* Take the lines of an event. */
static Outcome take_lines(Chain *chain, uint64_t number) {
    Rows *rows = &chain->rows;
    while (chain->lines_left > 0 && is_line_of(chain->lines + LINE_NUMBER, number)) {
        chain->lines_left--;
        Word tag = next_word(chain->lines + TAG), kit = next_word(chain->lines + KIT_TAG);
        if (!rows_begin(rows) || !text_add(&rows->text, "d", 1) ||
            !text_add_field(&rows->text, or_nothing(tag, chain->filler)) ||
            !text_add_field(&rows->text, or_nothing(kit, chain->filler)))
            return out_of_memory();
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
    PyObject *hashed = text ? PyObject_CallOneArg(chain->sha256, text) : NULL;
    PyObject *digest = hashed ? PyObject_CallMethodNoArgs(hashed, chain->digest) : NULL;
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
    Py_XDECREF(hashed);
    Py_XDECREF(digest);
    return outcome;
}

/* Put together what is hashed of the event that the columns stand at. */
static Outcome put_together(Chain *chain, uint64_t number, const Head *head,
                            const Word *fields) {
    Text *text = &chain->text;
    text->size = 0;
    if (!text_add(text, (char *)head->hash, HASH_BYTES) || !text_add(text, "2", 1) ||
        !text_add_field(text, fields[UID_FIELD]) || !text_add_field(text, head->code))
        return out_of_memory();
    for (int at = SEQ_FIELD; at < FIELDS; at++)
        if (!text_add_field(text, or_nothing(fields[at], chain->filler)))
            return out_of_memory();
    rows_clear(&chain->rows);
    Outcome outcome = take_lines(chain, number);
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
    Outcome outcome = put_together(chain, number, head, fields);
    return outcome == YES ? hash_into(chain, head, expected) : outcome;
}

/* Return whether nothing is left over, as a row of an event that is not there. */
static int is_used_up_whole(const Chain *chain, Py_ssize_t events, Py_ssize_t lines) {
    return chain->lines_left == 0 && chain->others_left == 0 &&
           are_used_up(chain->events, EVENT_COLUMNS, events) &&
           are_used_up(chain->lines, LINE_COLUMNS, lines);
}

static PyObject *is_chained(PyObject *module, PyObject *args) {
    (void)module;
    Chain chain = {0};
    PyObject *event_texts, *line_texts, *kept;
    Py_ssize_t events, lines, size;
    if (!PyArg_ParseTuple(args, "(nO)(nO)s#O!O!O!OO", &events, &event_texts, &lines,
                          &line_texts, &chain.filler.at, &size, &PyDict_Type,
                          &chain.others, &PyDict_Type, &kept, &PyDict_Type,
                          &chain.heads.codes, &chain.heads.before, &chain.sha256) ||
        !columns_of(event_texts, chain.events, EVENT_COLUMNS) ||
        !columns_of(line_texts, chain.lines, LINE_COLUMNS))
        return NULL;
    chain.digest = PyUnicode_InternFromString("digest");
    if (chain.digest == NULL) return NULL;
    chain.events_left = events;
    chain.lines_left = lines;
    chain.filler.size = (size_t)size;
    chain.others_left = PyDict_GET_SIZE(chain.others);
    Outcome outcome = YES;
    while (outcome == YES && chain.events_left-- > 0) outcome = look_at_event(&chain);
    if (outcome == YES && !is_used_up_whole(&chain, events, lines)) outcome = NO;
    if (outcome == YES && !heads_keep(&chain.heads, kept)) outcome = FAILED;
    Py_DECREF(chain.digest);
    PyMem_Free(chain.heads.heads);
    PyMem_Free(chain.text.bytes);
    PyMem_Free(chain.rows.text.bytes);
    PyMem_Free(chain.rows.rows);
    return outcome == FAILED ? NULL : PyBool_FromLong(outcome == YES);
}

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

enum { OTHER_WORD = 1, FIRST_WORD };

/* Return the number of a word: by its place among those there are. */
static uint64_t number_of(Word word, PyObject *words) {
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(words); at++) {
        const char *known = PyUnicode_AsUTF8(PyTuple_GET_ITEM(words, at));
        if (known != NULL && is_word(word, known)) return (uint64_t)at + FIRST_WORD;
    }
    return OTHER_WORD;
}

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

static int mark(PyObject *marked, uint64_t device) {
    PyObject *number = PyLong_FromLongLong((long long)device);
    int is_added = number && PyList_Append(marked, number) == 0;
    Py_XDECREF(number);
    return is_added;
}

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
            if (!follows && !mark(marked, said.device)) return FAILED;
        } else {
            if (ends != spans.open && !mark(marked, device_before)) return FAILED;
            if (!is_first && !mark(marked, said.device)) return FAILED;
        }
        device_before = said.device, flag_before = flag, ends = end;
        add_said(sums, &said);
    }
    if (sums->sign == 1 && !are_used_up(columns, SPAN_COLUMNS, spans.left)) return NO;
    return ends == spans.open || mark(marked, device_before) ? YES : FAILED;
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

static PyMethodDef METHODS[] = {
    {"is_chained", is_chained, METH_VARARGS,
     "Return whether events are as they were recorded; then keep the last of each."},
    {"add_lines", add_lines, METH_VARARGS, "Add what lines say; False: not known how."},
    {"add_spans", add_spans, METH_VARARGS,
     "Add what spans say; return devices to be marked.  None: not known how."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_quick_look", "See core.proof.quick_look.", -1, METHODS,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__quick_look(void) { return PyModule_Create(&MODULE); }
