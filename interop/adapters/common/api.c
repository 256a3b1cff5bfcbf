/* SPDX-License-Identifier: MIT
 *
 * The one exported symbol.
 */
#include <pthread.h>

#include "adapter.h"

#define EXPORTED __attribute__((visibility("default")))

static struct dtlslab_endpoint_api api = {.abi = DTLSLAB_ENDPOINT_ABI, .size = sizeof api};

static void fill_api_once(void) {
    api.capabilities = adapter_capabilities();
    api.name = adapter_stack.name;
    api.version = adapter_stack.version();
    api.clock_objects = adapter_stack.clock_objects;
    adapter_fill_api(&api);
}

EXPORTED const struct dtlslab_endpoint_api *dtlslab_endpoint_api(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fill_api_once);
    return &api;
}
