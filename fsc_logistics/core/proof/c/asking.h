/* Which codes Python must ask for, and keeping what it was told. */

#ifndef FSC_ASKING_H
#define FSC_ASKING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "codes.h"
#include "given.h"

/* Add the numbers of a column that are wanted. */
static int add_wanted(const Codes *codes, Column column, Py_ssize_t rows,
                      PyObject *wanted) {
    uint64_t number;
    while (rows-- > 0)
        /* What is no number is seen when it is looked at. */
        if (next_number(&column, &number) && number != 0 && is_wanted(codes, number) &&
            !add_number(wanted, number))
            return 0;
    return 1;
}

static PyObject *wanted(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *table, *texts;
    unsigned long batch;
    Py_ssize_t rows;
    Codes codes;
    Column columns[2];
    if (!PyArg_ParseTuple(args, "Ok(nO!)", &table, &batch, &rows, &PyTuple_Type, &texts))
        return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(texts);
    if (count > 2) count = 2;
    if (!columns_of(texts, columns, count) || !codes_hold(table, batch, &codes))
        return NULL;
    PyObject *numbers = PyList_New(0);
    int is_done = numbers != NULL;
    for (Py_ssize_t at = 0; is_done && at < count; at++)
        is_done = add_wanted(&codes, columns[at], rows, numbers);
    PyBuffer_Release(&codes.held);
    if (is_done) return numbers;
    Py_XDECREF(numbers);
    return NULL;
}

/* Keep what was found; return whether that could be done. */
static int keep_row(const Codes *codes, PyObject *row, PyObject *others) {
    PyObject *key, *text;
    if (!PyArg_ParseTuple(row, "OU", &key, &text)) return 0;
    long long number = PyLong_AsLongLong(key);
    Py_ssize_t size;
    const char *code = PyUnicode_AsUTF8AndSize(text, &size);
    if (code == NULL || PyErr_Occurred()) return 0;
    if (!is_told_apart(code, size)) return 1;
    return keep_code(codes, (uint64_t)number, code, size) ||
           PyDict_SetItem(others, key, text) == 0;
}

static PyObject *keep(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *table, *rows;
    unsigned long batch;
    Codes codes;
    if (!PyArg_ParseTuple(args, "OkO!", &table, &batch, &PyList_Type, &rows) ||
        !codes_hold(table, batch, &codes))
        return NULL;
    PyObject *others = PyDict_New();
    int is_done = others != NULL;
    for (Py_ssize_t at = 0; is_done && at < PyList_GET_SIZE(rows); at++)
        is_done = keep_row(&codes, PyList_GET_ITEM(rows, at), others);
    PyBuffer_Release(&codes.held);
    if (is_done) return others;
    Py_XDECREF(others);
    return NULL;
}

/* Return whether columns have so many words each: else codes would be those of others. */
static int are_so_many(const Column *columns, int count, Py_ssize_t rows) {
    for (; count-- > 0; columns++) {
        Column ahead = *columns;
        for (Py_ssize_t row = 0; row < rows; row++) next_word(&ahead);
        if (!is_used_up(&ahead, rows)) return 0;
    }
    return 1;
}

/* Keep the codes in one column, of the numbers in the other; return whether it could. */
static int foresee_codes(const Codes *codes, Column *columns, Py_ssize_t rows) {
    uint64_t number;
    if (!are_so_many(columns, 2, rows)) return 0;
    while (rows-- > 0) {
        if (!next_number(columns, &number)) return 0;
        foresee_code(codes, number, next_word(columns + 1));
    }
    return 1;
}

static PyObject *foresee(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *table, *texts;
    Py_ssize_t rows;
    Codes codes;
    Column columns[2];
    if (!PyArg_ParseTuple(args, "O(nO!)", &table, &rows, &PyTuple_Type, &texts) ||
        !columns_of(texts, columns, 2) || !codes_hold(table, 0, &codes))
        return NULL;
    int is_kept = foresee_codes(&codes, columns, rows);
    PyBuffer_Release(&codes.held);
    return PyBool_FromLong(is_kept);
}

#endif
