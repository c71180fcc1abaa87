/* What is to be served, for every kind of rules. */

#ifndef FSC_REQUESTS_H
#define FSC_REQUESTS_H

#include <stdint.h>

typedef struct {
    int64_t count, order_count, near_count;
    const int32_t *member;    /* the nodes of one request after those of another */
    const int32_t *member_of; /* [request, 2]: from the one number to the other */
    const int32_t *of;        /* [node]: its request; -1 of what is never taken out */
    const int64_t *penalty;   /* [request]: the cost of leaving it out; 0: nobody can do it */
    const double *orders;     /* [order, request]: smaller is put back sooner */
    const double *shares;     /* [order]: how often, summed up; the rest is by chance */
    const int32_t *near;      /* [node, near]: the nearest nodes, the nearest first */
    int64_t near_width;
} Requests;

#endif
