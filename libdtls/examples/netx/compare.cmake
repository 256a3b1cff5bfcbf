# SPDX-License-Identifier: MIT
# cmake -DPROGRAM=FILE -DEXPECTED=FILE -P compare.cmake
# Fails unless the program ends well and prints what is expected.
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE status)
file(READ "${EXPECTED}" expected)
if(NOT status EQUAL 0 OR NOT printed STREQUAL expected)
  message(FATAL_ERROR "${PROGRAM} ended with ${status} and printed\n${printed}${errors}\ninstead of\n${expected}")
endif()
