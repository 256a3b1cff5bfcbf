# SPDX-License-Identifier: MIT
# The language level, the warnings and the sanitizers of every target of this project.
include_guard(GLOBAL)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(DTLSLAB_WERROR "Warnings are errors" ON)
option(DTLSLAB_SANITIZE "Build with the address and undefined-behaviour sanitizers" OFF)
option(DTLSLAB_COVERAGE "Count what is executed (gcov)" OFF)
option(DTLSLAB_SANITIZE_MEMORY "Build with the memory sanitizer (clang)" OFF)
option(DTLSLAB_SANITIZE_THREAD "Build with the thread sanitizer" OFF)
option(DTLSLAB_CCACHE "Use ccache when it is there" ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

if(DTLSLAB_CCACHE)
  find_program(DTLSLAB_CCACHE_PROGRAM ccache)
  if(DTLSLAB_CCACHE_PROGRAM)
    set(CMAKE_C_COMPILER_LAUNCHER "${DTLSLAB_CCACHE_PROGRAM}")
    set(CMAKE_CXX_COMPILER_LAUNCHER "${DTLSLAB_CCACHE_PROGRAM}")
  endif()
endif()

if(DTLSLAB_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

if(DTLSLAB_COVERAGE)
  # Threads and processes count together.
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

if(DTLSLAB_SANITIZE_MEMORY)
  add_compile_options(-fsanitize=memory -fsanitize-memory-track-origins -fno-omit-frame-pointer)
  add_link_options(-fsanitize=memory)
endif()

if(DTLSLAB_SANITIZE_THREAD)
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()

# Warnings for our own C targets. C++ targets (ns-3's headers are not warning-clean) take the second one.
function(dtls_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra $<$<COMPILE_LANGUAGE:C>:-Wconversion -Wstrict-prototypes
                                           -Wmissing-prototypes -Wshadow -Wvla> $<$<BOOL:${DTLSLAB_WERROR}>:-Werror>)
endfunction()
