/* What Python gives and is given: columns, numbers, an outcome. */

#ifndef FSC_GIVEN_H
#define FSC_GIVEN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "columns.h"

/* What came of a step: an error that is set, a no, a yes. */
typedef enum { FAILED = -1, NO, YES } Outcome;

static Outcome out_of_memory(void) {
    PyErr_NoMemory();
    return FAILED;
}

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

/* Add a number to a list; return whether that could be done. */
static int add_number(PyObject *numbers, uint64_t one) {
    PyObject *number = PyLong_FromLongLong((long long)one);
    int is_added = number && PyList_Append(numbers, number) == 0;
    Py_XDECREF(number);
    return is_added;
}

#endif
