/* SPDX-License-Identifier: MIT
 *
 * Reading the parameters of a carrier: names and values as text become
 * numbers, and what is wrong becomes a sentence.
 *
 * A name may carry a suffix after a dot that narrows it: `loss.0-1` is the
 * loss from node 0 to node 1, `port.2` is the port of node 2. The narrower
 * name wins over the bare one.
 *
 * Values:
 *   duration     a number and a unit: 15ms, 250us, 1.5s, 40ns; 0 needs no unit
 *   rate         a number and a unit, bits per second: 250kbps, 10Mbps, 1Gbps, 9600bps; 0: unlimited
 *   probability  a number from 0 to 1; like those above, with a fraction and an exponent (1e-05) if need be
 *   count        a whole number
 */
#ifndef DTLSLAB_PARAMETERS_H
#define DTLSLAB_PARAMETERS_H

#include <stdint.h>

#include "dtlslab_carrier.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dtlslab_suffix {
    DTLSLAB_SUFFIX_NONE = 0,     /* the bare name only */
    DTLSLAB_SUFFIX_NODE = 1,     /* also NAME.N */
    DTLSLAB_SUFFIX_DIRECTION = 2 /* also NAME.FROM-TO */
};

/* A name that a carrier takes. */
struct dtlslab_parameter_rule {
    const char *name;
    uint32_t suffixes; /* bits of enum dtlslab_suffix */
};

/* The parameters of one `create`, with the place for its error message (DTLSLAB_MAX_TEXT bytes). */
struct dtlslab_parameters {
    const struct dtlslab_parameter *list;
    uint32_t num;
    uint32_t num_nodes;
    const char *carrier; /* for messages */
    char *message;
};

/* Where a value is wanted: for the network as a whole, for one node, or for one direction. */
struct dtlslab_place {
    uint32_t kind; /* enum dtlslab_suffix */
    uint32_t node; /* NODE: the node; DIRECTION: from */
    uint32_t to;   /* DIRECTION only */
};

/* Checks that every name is one of `rules`, with a suffix that the rule allows and that names existing nodes,
 * and that none is given twice. DTLSLAB_INVALID with a message otherwise. */
int32_t dtlslab_parameters_check(const struct dtlslab_parameters *parameters,
                                 const struct dtlslab_parameter_rule *rules, uint32_t num_rules);

/* The place that the suffix of `name` tells, in a name that has been checked. */
struct dtlslab_place dtlslab_parameter_place(const char *name);

/* The text given for `name` at `place`: the narrow one, else the bare one, else NULL. */
const char *dtlslab_parameter_text(const struct dtlslab_parameters *parameters, const char *name,
                                   struct dtlslab_place place);

/* These read the value for `name` at `place`, or leave `*out` as it is when there is none. DTLSLAB_INVALID
 * with a message that names the parameter, its value and what was expected. */
int32_t dtlslab_parameter_duration(const struct dtlslab_parameters *parameters, const char *name,
                                   struct dtlslab_place place, uint64_t *out_ns);
int32_t dtlslab_parameter_rate(const struct dtlslab_parameters *parameters, const char *name,
                               struct dtlslab_place place, uint64_t *out_bits_per_second);
int32_t dtlslab_parameter_probability(const struct dtlslab_parameters *parameters, const char *name,
                                      struct dtlslab_place place, double *out);
int32_t dtlslab_parameter_count(const struct dtlslab_parameters *parameters, const char *name,
                                struct dtlslab_place place, uint64_t min, uint64_t max, uint64_t *out);

/* Writes a message and answers DTLSLAB_INVALID: `carrier: parameter NAME=VALUE: expected EXPECTED`. */
int32_t dtlslab_parameter_wrong(const struct dtlslab_parameters *parameters, const char *name,
                                const char *value, const char *expected);

/* Writes `carrier: SENTENCE` as the message and answers DTLSLAB_INVALID. */
int32_t dtlslab_parameters_fail(const struct dtlslab_parameters *parameters, const char *sentence);

#ifdef __cplusplus
}
#endif

#endif
