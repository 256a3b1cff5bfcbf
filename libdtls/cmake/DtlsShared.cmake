# SPDX-License-Identifier: MIT
# The shared libraries: the archives' sources again, exporting what the public headers declare, with symbol versions.
include_guard(GLOBAL)

# While the major number is 0 the minor one counts as the interface's.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(DTLS_SOVERSION "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
else()
  set(DTLS_SOVERSION "${PROJECT_VERSION_MAJOR}")
endif()
set(DTLS_SYMBOL_VERSION "DTLS_${DTLS_SOVERSION}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/exported.map" "${CMAKE_CURRENT_BINARY_DIR}/exported.map" @ONLY)

# dtls_shared_library(ARCHIVE HEADER): ARCHIVE_shared, which exports what HEADER declares besides the core's.
# It links the shared libraries of what ARCHIVE links.
function(dtls_shared_library archive header)
  set(shared ${archive}_shared)
  get_target_property(sources ${archive} SOURCES)
  add_library(${shared} SHARED ${sources})
  dtls_warnings(${shared})
  target_include_directories(${shared} PRIVATE "${PROJECT_SOURCE_DIR}/src"
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:include>")
  target_compile_definitions(${shared} PRIVATE "DTLS_EXPORTED_HEADER=\"${header}\""
    $<TARGET_PROPERTY:${archive},COMPILE_DEFINITIONS>)
  target_compile_options(${shared} PRIVATE -fvisibility=hidden -fno-semantic-interposition
    "SHELL:-include ${PROJECT_SOURCE_DIR}/src/exported.h")
  target_link_options(${shared} PRIVATE "LINKER:--version-script=${CMAKE_CURRENT_BINARY_DIR}/exported.map"
    LINKER:--no-undefined)
  set_target_properties(${shared} PROPERTIES OUTPUT_NAME ${archive} VERSION "${PROJECT_VERSION}"
    SOVERSION "${DTLS_SOVERSION}")
  get_target_property(folders ${archive} INTERFACE_INCLUDE_DIRECTORIES)
  if(folders)
    target_include_directories(${shared} PUBLIC ${folders})
  endif()
  get_target_property(needed ${archive} LINK_LIBRARIES)
  if(NOT needed)
    return()
  endif()
  foreach(library IN LISTS needed)
    if(TARGET ${library}_shared)
      set(library ${library}_shared)
    endif()
    target_link_libraries(${shared} PUBLIC ${library})
  endforeach()
endfunction()
