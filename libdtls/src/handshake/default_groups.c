/* SPDX-License-Identifier: MIT
 *
 * All groups, best first.
 */
#include "handshake/algorithms.h"

const dtls_group *const dtls_default_groups[] = {&dtls_group_x25519, &dtls_group_p256, &dtls_group_p384,
                                                 &dtls_group_x448,   &dtls_group_p521, NULL};

const dtls_group *dtls_group_by_code(unsigned code) {
    for (const dtls_group *const *group = dtls_default_groups; *group != NULL; group++) {
        if ((*group)->code == code)
            return *group;
    }
    return NULL;
}
