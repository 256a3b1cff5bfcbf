# SPDX-License-Identifier: MIT
# cmake -DPROGRAM=FILE -DCARRIER=FILE -DWORK=FOLDER -DLOSS=PROBABILITY -DSEED=NUMBER -P run.cmake
# Fails unless the server has said its port, each of the client's four sessions has heard its echo, and both ended well.
file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND "${PROGRAM}" "${CARRIER}" "${WORK}" "${LOSS}" "${SEED}"
  OUTPUT_VARIABLE printed ERROR_VARIABLE errors RESULT_VARIABLE status)
message(STATUS "${errors}")
string(REPEAT "is anybody there\n" 4 expected)
if(NOT status EQUAL 0 OR NOT printed STREQUAL "port 4433\n${expected}")
  message(FATAL_ERROR "ended with ${status} and printed\n${printed}${errors}")
endif()
