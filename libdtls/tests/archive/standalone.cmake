# SPDX-License-Identifier: MIT
# cmake -DSOURCE=libdtls -DWORK=DIR -DCOMPILER=cc -DGENERATOR=Ninja [-DPKG_CONFIG=pkg-config] -P standalone.cmake
# Builds and installs the library by itself, as an embedder does, then a program that finds it by CMake and by pkg-config.
function(need)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}:\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
need("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${SOURCE}" -B "${WORK}/build" -DCMAKE_C_COMPILER=${COMPILER} -DBUILD_TESTING=OFF
     -DDTLS_PROGRAMS=OFF)
need("${CMAKE_COMMAND}" --build "${WORK}/build" -j 2)
need("${CMAKE_COMMAND}" --install "${WORK}/build" --prefix "${WORK}/installed")

file(WRITE "${WORK}/user/CMakeLists.txt" "cmake_minimum_required(VERSION 3.22)\nproject(user C)\nfind_package(dtls REQUIRED)\n\
add_executable(user \"${SOURCE}/tests/archive/psk_only.c\")\ntarget_link_libraries(user dtls::libcrypto)\n")
need("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${WORK}/user" -B "${WORK}/user/build" -DCMAKE_C_COMPILER=${COMPILER}
     "-DCMAKE_PREFIX_PATH=${WORK}/installed")
need("${CMAKE_COMMAND}" --build "${WORK}/user/build")
need("${WORK}/user/build/user")

file(GLOB_RECURSE module "${WORK}/installed/dtls-libcrypto.pc")
get_filename_component(modules "${module}" DIRECTORY)
need("${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${modules}" sh -c "\"${COMPILER}\" \"${SOURCE}/tests/archive/psk_only.c\" \
-o \"${WORK}/user/by-pkg-config\" $(pkg-config --define-prefix --cflags --libs dtls-libcrypto)")
need("${WORK}/user/by-pkg-config")
