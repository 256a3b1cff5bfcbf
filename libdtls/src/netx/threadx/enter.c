/* SPDX-License-Identifier: MIT
 *
 * Apart, since it names the program's `tx_application_define`.
 */
#include "netx/threadx/kernel.h"

UINT _tx_initialize_kernel_enter(VOID) {
    return tx_host_run(netx_kernel_used(), tx_application_define);
}
