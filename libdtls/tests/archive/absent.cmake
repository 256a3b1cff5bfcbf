# SPDX-License-Identifier: MIT
# cmake -DPROGRAM=FILE -DNM=nm -DPRESENT=SYMBOL -DABSENT=SYMBOL;... -P absent.cmake
# Fails unless the program holds PRESENT and none of ABSENT.
execute_process(COMMAND "${NM}" "${PROGRAM}" OUTPUT_VARIABLE text RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT text MATCHES " ${PRESENT}\n")
  message(FATAL_ERROR "${PROGRAM} does not hold ${PRESENT}")
endif()
foreach(symbol IN LISTS ABSENT)
  if(text MATCHES " ${symbol}\n")
    message(FATAL_ERROR "${PROGRAM} holds ${symbol}, which it never uses")
  endif()
endforeach()
