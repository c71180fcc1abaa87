/* The quick look at the ledger: what Python calls; see `core.proof.quick_look`.

   It only tells whether a batch is as it should be.  Whatever it does not know, a word
   that is no number, an event out of its order, is a no: Python then looks itself. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "asking.h"
#include "chain.h"
#include "summing.h"

static PyMethodDef METHODS[] = {
    {"wanted", wanted, METH_VARARGS,
     "Return the numbers in columns whose codes must be asked for; some repeatedly."},
    {"keep", keep, METH_VARARGS, "Keep codes; return those that have no place."},
    {"foresee", foresee, METH_VARARGS,
     "Keep codes that stand beside their numbers in columns; return whether it could."},
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

/* Another number whenever it is called in another way. */
#define MADE_FOR 4

PyMODINIT_FUNC PyInit__quick_look(void) {
    PyObject *module = PyModule_Create(&MODULE);
    if (module != NULL && PyModule_AddIntConstant(module, "MADE_FOR", MADE_FOR) < 0)
        Py_CLEAR(module);
    return module;
}
