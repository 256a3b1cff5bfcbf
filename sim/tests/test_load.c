/* SPDX-License-Identifier: MIT
 *
 * Loading endpoints and carriers from shared objects, good ones and wrong ones.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "dtlslab_world.h"

static char message[DTLSLAB_MAX_TEXT];

static const char *refused_endpoint(const char *path) {
    const struct dtlslab_endpoint_api *api;
    assert_int_equal(dtlslab_load_endpoint(path, &api, message), DTLSLAB_FAILED);
    assert_null(api);
    return message;
}

static void an_object_is_loaded_once_by_whatever_name(void **state) {
    (void)state;
    const struct dtlslab_endpoint_api *first;
    const struct dtlslab_endpoint_api *second;
    assert_int_equal(dtlslab_load_endpoint(GOOD_OBJECT, &first, message), DTLSLAB_OK);
    assert_string_equal(first->name, "ping");
    char indirect[512];
    const char *slash = strrchr(GOOD_OBJECT, '/');
    (void)snprintf(indirect, sizeof indirect, "%.*s/.%s", (int)(slash - GOOD_OBJECT), GOOD_OBJECT, slash);
    assert_int_equal(dtlslab_load_endpoint(indirect, &second, message), DTLSLAB_OK);
    assert_ptr_equal(first, second);
}

static void wrong_objects_are_refused_with_a_sentence(void **state) {
    (void)state;
    assert_string_equal(refused_endpoint("/nowhere/x.so"), "/nowhere/x.so: there is no such file");
    assert_non_null(strstr(refused_endpoint(__FILE__), ".c: "));
    assert_non_null(
        strstr(refused_endpoint(OLD_OBJECT),
               "is built for version 99 of the endpoint contract; this program speaks version 1"));
    assert_non_null(strstr(refused_endpoint(SHORT_OBJECT), "bytes; the endpoint contract has"));
    assert_non_null(strstr(refused_endpoint(HOLLOW_OBJECT), "a field of its endpoint table is NULL"));
    const struct dtlslab_carrier_api *carrier;
    assert_int_equal(dtlslab_load_carrier(GOOD_OBJECT, &carrier, message), DTLSLAB_FAILED);
    assert_non_null(strstr(message, "does not export dtlslab_carrier_api"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_loaded_once_by_whatever_name),
        cmocka_unit_test(wrong_objects_are_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
