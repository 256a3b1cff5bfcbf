# SPDX-License-Identifier: MIT
# cmake -DSOURCE=libdtls -DWORK=DIR -DCOMPILER=cc -DCXX=c++ -DNM=nm -DGENERATOR=Ninja -P standalone.cmake
# Builds and installs the library by itself, as an embedder does; then programs outside that find it by CMake and by
# pkg-config, static and shared; every header alone, in C and in C++; and compares what the shared libraries export with
# what the headers declare.
cmake_minimum_required(VERSION 3.22)

function(need)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}:\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(INSTALLED "${WORK}/installed")
need("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${SOURCE}" -B "${WORK}/build" -DCMAKE_C_COMPILER=${COMPILER} -DBUILD_TESTING=OFF
     -DDTLS_PROGRAMS=OFF -DDTLS_POSIX=ON -DCMAKE_INSTALL_LIBDIR=lib)
need("${CMAKE_COMMAND}" --build "${WORK}/build" -j 2)
need("${CMAKE_COMMAND}" --install "${WORK}/build" --prefix "${INSTALLED}")

# By CMake. Each header is compiled alone, too.
file(GLOB headers RELATIVE "${INSTALLED}/include" "${INSTALLED}/include/dtls/*.h" "${INSTALLED}/include/netx/*.h")
foreach(header IN LISTS headers)
  foreach(language c cpp)
    string(MAKE_C_IDENTIFIER "${header}" name)
    file(WRITE "${WORK}/user/${name}.${language}" "#include <${header}>\nint ${name}(void);\nint ${name}(void) {return 0;}\n")
  endforeach()
endforeach()
file(WRITE "${WORK}/user/netx/program.c" "#include \"nx_secure_dtls_api.h\"
#include \"tx_host.h\"
extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;
static TX_THREAD thread;
static VOID run(ULONG input) {
    NX_SECURE_DTLS_SESSION *none = NX_NULL;
    ULONG size = 0;
    (void)input;
    (void)nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &size);
    tx_host_exit(nx_secure_dtls_session_reset(none) == NX_PTR_ERROR && size > 0 ? 0 : 1);
}
VOID tx_application_define(VOID *memory) {
    tx_thread_create(&thread, NX_NULL, run, 0, memory, 1024, 5, 5, TX_NO_TIME_SLICE, TX_AUTO_START);
}
int main(void) {
    return (int)tx_kernel_enter();
}
")
file(WRITE "${WORK}/user/CMakeLists.txt" "cmake_minimum_required(VERSION 3.22)
project(user C CXX)
find_package(dtls 0.1 REQUIRED COMPONENTS core libcrypto posix netx)
foreach(kind netx netx_shared)
  add_executable(user-\${kind} netx/program.c)
  target_link_libraries(user-\${kind} dtls::\${kind})
endforeach()
foreach(kind libcrypto libcrypto_shared)
  add_executable(user-\${kind} \"${SOURCE}/tests/archive/psk_only.c\")
  target_link_libraries(user-\${kind} dtls::\${kind})
endforeach()
file(GLOB alone *.c *.cpp)
add_library(alone STATIC \${alone})
target_compile_definitions(alone PRIVATE _GNU_SOURCE)
target_compile_options(alone PRIVATE -Wall -Wextra -pedantic -Werror)
target_link_libraries(alone dtls::libcrypto dtls::posix dtls::netx)
")
need("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${WORK}/user" -B "${WORK}/user/build" -DCMAKE_C_COMPILER=${COMPILER}
     -DCMAKE_CXX_COMPILER=${CXX} "-DCMAKE_PREFIX_PATH=${INSTALLED}")
need("${CMAKE_COMMAND}" --build "${WORK}/user/build" -j 2)
need("${WORK}/user/build/user-libcrypto")
need("${WORK}/user/build/user-libcrypto_shared")
need("${WORK}/user/build/user-netx")
need("${WORK}/user/build/user-netx_shared")

# The core is found where nothing else is.
file(WRITE "${WORK}/core/CMakeLists.txt" "cmake_minimum_required(VERSION 3.22)
project(core C)
set(CMAKE_DISABLE_FIND_PACKAGE_OpenSSL TRUE)
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig TRUE)
find_package(dtls REQUIRED COMPONENTS core)
find_package(dtls QUIET COMPONENTS libcrypto)
if(NOT TARGET dtls::dtls OR TARGET dtls::libcrypto OR dtls_FOUND)
  message(FATAL_ERROR \"the core alone, and no libcrypto, should have been found\")
endif()
")
need("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${WORK}/core" -B "${WORK}/core/build" -DCMAKE_C_COMPILER=${COMPILER}
     "-DCMAKE_PREFIX_PATH=${INSTALLED}")

# By pkg-config.
set(ENV{PKG_CONFIG_PATH} "${INSTALLED}/lib/pkgconfig")
need(sh -c "\"${COMPILER}\" \"${SOURCE}/tests/archive/psk_only.c\" -o \"${WORK}/user/shared\" \
$(pkg-config --cflags --libs dtls-libcrypto) \"-Wl,-rpath,${INSTALLED}/lib\"")
need("${WORK}/user/shared")
need(sh -c "\"${COMPILER}\" \"${SOURCE}/tests/archive/psk_only.c\" -o \"${WORK}/user/static\" \
$(pkg-config --cflags dtls-libcrypto) -Wl,-Bstatic $(pkg-config --libs dtls-libcrypto) -Wl,-Bdynamic \
$(pkg-config --libs libcrypto) -Wl,--gc-sections")
need("${WORK}/user/static")
need(sh -c "\"${COMPILER}\" \"${WORK}/user/netx/program.c\" -o \"${WORK}/user/netx/shared\" \
$(pkg-config --cflags --libs dtls-netx) \"-Wl,-rpath,${INSTALLED}/lib\"")
need("${WORK}/user/netx/shared")
need(pkg-config --exact-version=0.1.0 dtls-posix)
need(sh -c "pkg-config --static --libs dtls-libcrypto | grep -q -e -lcrypto")

# Exported is what is declared.
function(exported out)
  need("${NM}" -D --defined-only --format=posix ${ARGN})
  string(REGEX MATCHALL "\n(${NAMES})" names "\n${text}")
  list(TRANSFORM names STRIP)
  list(SORT names)
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

function(declared out)
  set(names)
  foreach(header ${ARGN})
    need("${COMPILER}" -E -P -D_GNU_SOURCE "-I${INSTALLED}/include" "-I${INSTALLED}/include/netx" "${INSTALLED}/include/${header}")
    string(REGEX REPLACE "[ \n]+" " " text "${text}")
    string(REPLACE ";" "," text "${text}")
    string(REGEX MATCHALL "[ *](${NAMES})\\(" found "${text}")
    string(REGEX MATCHALL "extern const [a-zA-Z0-9_* ]+(const )?\\*?(${NAMES})(\\[\\])?," objects "${text}")
    list(TRANSFORM objects REPLACE "^.*[ *](${NAMES})(\\[\\])?,$" "\\1")
    list(TRANSFORM found REPLACE "[ *(]" "")
    list(APPEND names ${found} ${objects})
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(SORT names)
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

# Programs declare the two crypto tables of NetX themselves, and define tx_application_define.
set(NAMES "dtls_[a-z0-9_]+|_?nxe?d?_[a-z0-9_]+|_?tx_[a-z0-9_]+|crypto_method_[a-z0-9_]+")
set(libraries "${INSTALLED}/lib/libdtls.so" "${INSTALLED}/lib/libdtls_libcrypto.so" "${INSTALLED}/lib/libdtls_posix.so"
    "${INSTALLED}/lib/libdtls_netx.so")
exported(there ${libraries})
declared(said dtls/dtls.h dtls/libcrypto.h dtls/uv.h netx/nx_secure_host.h netx/nx_crypto_ecdh.h netx/nx_host.h netx/tx_host.h
         netx/nx_udp.h)
list(APPEND said nx_crypto_tls_ciphers nx_crypto_tls_ciphers_ecc)
list(FILTER said EXCLUDE REGEX "^tx_application_define$")
foreach(name IN LISTS there said)
  if(NOT name IN_LIST there)
    message(FATAL_ERROR "the headers declare ${name}, which no shared library exports")
  elseif(NOT name IN_LIST said)
    message(FATAL_ERROR "a shared library exports ${name}, which no header declares")
  endif()
endforeach()
list(LENGTH there num)
message(STATUS "${num} symbols, exported and declared")
