# SPDX-License-Identifier: MIT
# ThreadX on the host.
foreach(part threads sync kernels inside ends)
  netx_test(threadx-${part} threadx_${part}.c threadx_support.c)
endforeach()
# The processor against a model.
netx_test(threadx-walk threadx_walk.c threadx_model.c)
