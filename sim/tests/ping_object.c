/* SPDX-License-Identifier: MIT
 *
 * The ping endpoint as a shared object; built several times, each wrong in the way that PING_OBJECT tells.
 */
#include <stddef.h>

#include "ping.h"

#define GOOD   0
#define OLD    1
#define SHORT  2
#define HOLLOW 3

const struct dtlslab_endpoint_api *dtlslab_endpoint_api(void) {
    static struct dtlslab_endpoint_api api;
    api = ping_api;
    switch (PING_OBJECT) {
    case OLD:
        api.abi = 99;
        break;
    case SHORT:
        api.size = 16;
        break;
    case HOLLOW:
        api.close = NULL;
        break;
    default:
        break;
    }
    return &api;
}
