/* SPDX-License-Identifier: MIT
 *
 * Parameters of carriers: names, suffixes and values; see parameters.h.
 */
#include "parameters.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit and how many of the base unit it is. */
struct unit {
    const char *name;
    double factor;
};

static const struct unit duration_units[] = {
    {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}};
static const struct unit rate_units[] = {{"bps", 1.0}, {"kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9}};

/* The largest value that a double holds to the unit, and far beyond any network. */
#define MAX_VALUE 9007199254740992.0

int32_t dtlslab_parameter_wrong(const struct dtlslab_parameters *parameters, const char *name,
                                const char *value, const char *expected) {
    (void)snprintf(parameters->message, DTLSLAB_MAX_TEXT, "%s carrier: parameter %.40s=%.60s: expected %s",
                   parameters->carrier, name, value, expected);
    return DTLSLAB_INVALID;
}

int32_t dtlslab_parameters_fail(const struct dtlslab_parameters *parameters, const char *sentence) {
    (void)snprintf(parameters->message, DTLSLAB_MAX_TEXT, "%s carrier: %s", parameters->carrier, sentence);
    return DTLSLAB_INVALID;
}

/* Reads decimal digits from `*text` into a node number and moves past them. */
static bool read_node(const char **text, uint32_t *out_node) {
    const char *start = *text;
    uint32_t node = 0;
    while (**text >= '0' && **text <= '9') {
        if (node > (UINT32_MAX - 9) / 10)
            return false;
        node = node * 10 + (uint32_t)(**text - '0');
        (*text)++;
    }
    *out_node = node;
    return *text != start;
}

/* Splits NAME, NAME.N or NAME.FROM-TO. */
static bool split(const char *full, size_t *out_name_len, struct dtlslab_place *out_place) {
    const char *dot = strchr(full, '.');
    *out_place = (struct dtlslab_place){0};
    if (dot == NULL) {
        *out_name_len = strlen(full);
        return true;
    }
    *out_name_len = (size_t)(dot - full);
    const char *text = dot + 1;
    if (!read_node(&text, &out_place->node))
        return false;
    out_place->kind = DTLSLAB_SUFFIX_NODE;
    if (*text == '-') {
        text++;
        out_place->kind = DTLSLAB_SUFFIX_DIRECTION;
        if (!read_node(&text, &out_place->to))
            return false;
    }
    return *text == '\0';
}

static bool same_place(struct dtlslab_place a, struct dtlslab_place b) {
    return a.kind == b.kind && a.node == b.node && a.to == b.to;
}

static int32_t unknown(const struct dtlslab_parameters *parameters, const char *name,
                       const struct dtlslab_parameter_rule *rules, uint32_t num_rules) {
    size_t used = (size_t)snprintf(parameters->message, DTLSLAB_MAX_TEXT,
                                   "%s carrier: unknown parameter %.40s; known:", parameters->carrier, name);
    for (uint32_t i = 0; i < num_rules && used < DTLSLAB_MAX_TEXT; i++)
        used += (size_t)snprintf(parameters->message + used, DTLSLAB_MAX_TEXT - used, " %s", rules[i].name);
    return DTLSLAB_INVALID;
}

static int32_t check_place(const struct dtlslab_parameters *parameters,
                           const struct dtlslab_parameter *parameter,
                           const struct dtlslab_parameter_rule *rule, struct dtlslab_place place) {
    if (place.kind != DTLSLAB_SUFFIX_NONE && (rule->suffixes & place.kind) == 0) {
        const char *form = rule->suffixes == DTLSLAB_SUFFIX_NONE        ? "no suffix on this name"
                           : rule->suffixes == DTLSLAB_SUFFIX_NODE      ? "the suffix .NODE or none"
                           : rule->suffixes == DTLSLAB_SUFFIX_DIRECTION ? "the suffix .FROM-TO or none"
                                                                        : "the suffix .NODE or .FROM-TO";
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value, form);
    }
    if (place.node >= parameters->num_nodes || place.to >= parameters->num_nodes) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "nodes from 0 to %u in the suffix",
                       parameters->num_nodes - 1);
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value, expected);
    }
    if (place.kind == DTLSLAB_SUFFIX_DIRECTION && place.node == place.to)
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value, "two different nodes");
    return DTLSLAB_OK;
}

int32_t dtlslab_parameters_check(const struct dtlslab_parameters *parameters,
                                 const struct dtlslab_parameter_rule *rules, uint32_t num_rules) {
    for (uint32_t i = 0; i < parameters->num; i++) {
        const struct dtlslab_parameter *parameter = &parameters->list[i];
        struct dtlslab_place place;
        size_t name_len;
        bool well_formed = split(parameter->name, &name_len, &place);
        const struct dtlslab_parameter_rule *rule = NULL;
        for (uint32_t r = 0; r < num_rules && rule == NULL; r++) {
            if (strlen(rules[r].name) == name_len && strncmp(rules[r].name, parameter->name, name_len) == 0)
                rule = &rules[r];
        }
        if (rule == NULL)
            return unknown(parameters, parameter->name, rules, num_rules);
        if (!well_formed) {
            return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value,
                                           "the suffix .NODE or .FROM-TO in decimal");
        }
        int32_t result = check_place(parameters, parameter, rule, place);
        if (result != DTLSLAB_OK)
            return result;
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(parameters->list[j].name, parameter->name) == 0) {
                return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value,
                                               "the name only once");
            }
        }
    }
    return DTLSLAB_OK;
}

/* The narrow parameter, else the bare one. */
static const struct dtlslab_parameter *find(const struct dtlslab_parameters *parameters, const char *name,
                                            struct dtlslab_place place) {
    const struct dtlslab_parameter *bare = NULL;
    for (uint32_t i = 0; i < parameters->num; i++) {
        const struct dtlslab_parameter *parameter = &parameters->list[i];
        struct dtlslab_place given;
        size_t name_len;
        if (!split(parameter->name, &name_len, &given) || strlen(name) != name_len ||
            strncmp(name, parameter->name, name_len) != 0) {
            continue;
        }
        if (given.kind == DTLSLAB_SUFFIX_NONE)
            bare = parameter;
        else if (same_place(given, place))
            return parameter;
    }
    return bare;
}

struct dtlslab_place dtlslab_parameter_place(const char *name) {
    struct dtlslab_place place;
    size_t name_len;
    (void)split(name, &name_len, &place);
    return place;
}

const char *dtlslab_parameter_text(const struct dtlslab_parameters *parameters, const char *name,
                                   struct dtlslab_place place) {
    const struct dtlslab_parameter *parameter = find(parameters, name, place);
    return parameter == NULL ? NULL : parameter->value;
}

static size_t digits_at(const char *text) {
    return strspn(text, "0123456789");
}

/* The length of a decimal number at the start of `text`: no sign; a fraction and an exponent if there are
 * digits in them. 0 when there is none. */
static size_t number_len(const char *text) {
    size_t len = digits_at(text);
    if (len == 0)
        return 0;
    if (text[len] == '.' && digits_at(text + len + 1) > 0)
        len += 1 + digits_at(text + len + 1);
    if (text[len] == 'e') {
        size_t sign = text[len + 1] == '-' || text[len + 1] == '+';
        size_t digits = digits_at(text + len + 1 + sign);
        len += digits > 0 ? 1 + sign + digits : 0;
    }
    return len;
}

/* Reads a number in the C locale, whatever that of the process is. */
static bool read_number(const char *text, double *out_value, const char **out_rest) {
    char number[64];
    size_t len = number_len(text);
    if (len == 0 || len >= sizeof number)
        return false;
    memcpy(number, text, len);
    number[len] = '\0';
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return false;
    *out_value = strtod_l(number, NULL, c_locale);
    *out_rest = text + len;
    freelocale(c_locale);
    return true;
}

static bool read_with_unit(const char *text, const struct unit *units, size_t num_units, uint64_t *out) {
    double number;
    const char *rest;
    if (!read_number(text, &number, &rest))
        return false;
    if (*rest == '\0' && number == 0.0) {
        *out = 0;
        return true;
    }
    for (size_t i = 0; i < num_units; i++) {
        if (strcmp(rest, units[i].name) == 0) {
            double value = number * units[i].factor + 0.5;
            if (value > MAX_VALUE)
                return false;
            *out = (uint64_t)value;
            return true;
        }
    }
    return false;
}

int32_t dtlslab_parameter_duration(const struct dtlslab_parameters *parameters, const char *name,
                                   struct dtlslab_place place, uint64_t *out_ns) {
    const struct dtlslab_parameter *parameter = find(parameters, name, place);
    if (parameter != NULL && !read_with_unit(parameter->value, duration_units,
                                             sizeof duration_units / sizeof *duration_units, out_ns)) {
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value,
                                       "a duration such as 15ms, 250us or 1.5s");
    }
    return DTLSLAB_OK;
}

int32_t dtlslab_parameter_rate(const struct dtlslab_parameters *parameters, const char *name,
                               struct dtlslab_place place, uint64_t *out_bits_per_second) {
    const struct dtlslab_parameter *parameter = find(parameters, name, place);
    if (parameter != NULL && !read_with_unit(parameter->value, rate_units,
                                             sizeof rate_units / sizeof *rate_units, out_bits_per_second)) {
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value,
                                       "a rate in bits per second such as 250kbps or 10Mbps");
    }
    return DTLSLAB_OK;
}

int32_t dtlslab_parameter_probability(const struct dtlslab_parameters *parameters, const char *name,
                                      struct dtlslab_place place, double *out) {
    const struct dtlslab_parameter *parameter = find(parameters, name, place);
    if (parameter == NULL)
        return DTLSLAB_OK;
    double value;
    const char *rest;
    if (!read_number(parameter->value, &value, &rest) || *rest != '\0' || value > 1.0) {
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value,
                                       "a probability from 0 to 1 such as 0.05");
    }
    *out = value;
    return DTLSLAB_OK;
}

int32_t dtlslab_parameter_count(const struct dtlslab_parameters *parameters, const char *name,
                                struct dtlslab_place place, uint64_t min, uint64_t max, uint64_t *out) {
    const struct dtlslab_parameter *parameter = find(parameters, name, place);
    if (parameter == NULL)
        return DTLSLAB_OK;
    double value;
    const char *rest;
    if (!read_number(parameter->value, &value, &rest) || *rest != '\0' ||
        digits_at(parameter->value) != strlen(parameter->value) || value < (double)min ||
        value > (double)max) {
        char expected[80];
        (void)snprintf(expected, sizeof expected, "a whole number from %llu to %llu", (unsigned long long)min,
                       (unsigned long long)max);
        return dtlslab_parameter_wrong(parameters, parameter->name, parameter->value, expected);
    }
    *out = (uint64_t)value;
    return DTLSLAB_OK;
}
