/* The compiled search: what Python calls.

   It is given arrays and gives numbers back; it makes nothing, keeps nothing, and runs
   without Python's lock, so that several search side by side. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "anneal.h"
#include "placing.h"
#include "plain.h"

#if defined(_WIN32)
#define FOR_PYTHON __declspec(dllexport)
#else
#define FOR_PYTHON __attribute__((visibility("default")))
#endif

/* Another number whenever it is called in another way, or given other structures. */
FOR_PYTHON const int64_t fsc_made_for = 2;

static int64_t plain_whole(const void *rules, const Solution *s) {
    (void)rules, (void)s;
    return 0;
}

static const Rules RULES[] = {
    {plain_place, plain_refresh, plain_refresh, plain_beyond, plain_settle, plain_whole,
     1},
    {rich_place, rich_refresh, rich_mend, rich_beyond, rich_settle, rich_whole, 0},
};

/* Begin with the best routes in the search; return what they cost. */
FOR_PYTHON int64_t fsc_begin(Search *search) {
    return begin(RULES + search->kind, search);
}

/* Search for so many iterations, from one temperature to another in steps of cost.

   Part of a penalty counts where not all can be served. */
FOR_PYTHON void fsc_anneal(Search *search, int64_t iterations, double hot, double cold,
                           double part) {
    anneal(RULES + search->kind, search, iterations, hot, cold, part);
}

/* Put back what is absent and still fits; return what the plan costs then. */
FOR_PYTHON int64_t fsc_complete(Search *search) {
    return complete(RULES + search->kind, search);
}

/* Forget the routes in a pool whose worth is not below a limit. */
FOR_PYTHON void fsc_pool_keep(Pool *pool, int64_t limit) { pool_keep(pool, limit); }

/* Return what a row of nodes, from start to end, costs; 2^61 if it cannot be done. */
FOR_PYTHON int64_t fsc_row_cost(const Days *days, int64_t route, const int32_t *nodes,
                                int64_t size) {
    Sums sums;
    return row_cost(days, route, nodes, size, 1, DEAR, &sums);
}

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_search", "The compiled search; see routes.kernel.native.",
    -1, NULL, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__search(void) { return PyModule_Create(&MODULE); }
