# SPDX-License-Identifier: BSD-2-Clause
#
# meridian_library(FOLDER EXTERNAL...)            the static library of src/FOLDER, with its unit tests; EXTERNAL are
#                                                 targets of packages
# meridian_define(FOLDER DEFINITIONS...)          compile definitions for this folder and all that link it
# meridian_program(NAME FOLDER DESTINATION LIBRARIES...)  the program of src/FOLDER/main.cc
# meridian_tool(NAME DESTINATION EXTERNAL...)     the program of src/tools/NAME/main.cc, and the rest of that folder as the
#                                                 library meridian_tools_NAME with its unit tests, tools_NAME_test; its
#                                                 manual page and completions are installed with it
#
# Sources are every *.cc of the folder; *_test.cc go into FOLDER_test. Which folders there are and what they may link
# follows from tests/tidy/deps.txt, the same list that the include test reads: an edge is written down once.

set(MERIDIAN_DEPS_FILE ${CMAKE_SOURCE_DIR}/tests/tidy/deps.txt)
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${MERIDIAN_DEPS_FILE})

add_library(meridian_flags INTERFACE)
target_compile_options(meridian_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Wvla
  # Every member has a default; designated initialisers name only what differs from it.
  -Wno-missing-field-initializers
  # g++ 12 sees uninitialised strings in every variant that is moved (GCC bug 105562 and its kin); clang watches for real ones.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<BOOL:${MERIDIAN_WERROR}>:-Werror>)
target_include_directories(meridian_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

# MERIDIAN_LIBRARY_FOLDERS: every folder of deps.txt that is a library; MERIDIAN_PURE_FOLDERS: those of floors 0 to 4.
set(MERIDIAN_LIBRARY_FOLDERS "")
set(MERIDIAN_PURE_FOLDERS "")
set(meridian_floor "")
file(STRINGS ${MERIDIAN_DEPS_FILE} meridian_lines REGEX "^(\\[floor [0-9]+\\]|[a-z0-9_]+:)")
foreach(line IN LISTS meridian_lines)
  if(line MATCHES "^\\[floor ([0-9]+)\\]")
    set(meridian_floor ${CMAKE_MATCH_1})
  elseif(line MATCHES "^([a-z0-9_]+):")
    list(APPEND MERIDIAN_LIBRARY_FOLDERS ${CMAKE_MATCH_1})
    if(meridian_floor LESS 5)
      list(APPEND MERIDIAN_PURE_FOLDERS ${CMAKE_MATCH_1})
    endif()
  endif()
endforeach()
list(TRANSFORM MERIDIAN_LIBRARY_FOLDERS PREPEND meridian_ OUTPUT_VARIABLE MERIDIAN_LIBRARIES)
list(TRANSFORM MERIDIAN_PURE_FOLDERS PREPEND meridian_ OUTPUT_VARIABLE MERIDIAN_PURE_LIBRARIES)

# The line "name: a b c" of deps.txt as a list.
function(meridian_edges name out)
  file(STRINGS ${MERIDIAN_DEPS_FILE} lines REGEX "^${name}:")
  list(LENGTH lines count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "${MERIDIAN_DEPS_FILE}: expected one line '${name}: ...', found ${count}")
  endif()
  string(REGEX REPLACE "^${name}:[ \t]*" "" edges "${lines}")
  separate_arguments(edges)
  set(${out} ${edges} PARENT_SCOPE)
endfunction()

function(meridian_library folder)
  string(REGEX REPLACE "[/-]" "_" name ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  meridian_edges(${folder} edges)
  list(TRANSFORM edges PREPEND meridian_ OUTPUT_VARIABLE lower)

  # A folder of headers alone (or one that is still empty) has nothing to archive.
  if(sources)
    add_library(meridian_${name} STATIC ${sources})
    target_link_libraries(meridian_${name} PUBLIC meridian_flags fmt::fmt ${lower} ${ARGN})
  else()
    add_library(meridian_${name} INTERFACE)
    target_link_libraries(meridian_${name} INTERFACE meridian_flags fmt::fmt ${lower} ${ARGN})
  endif()

  if(MERIDIAN_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE meridian_${name} GTest::gtest_main rapidcheck)
    target_precompile_headers(${name}_test PRIVATE <gtest/gtest.h> <rapidcheck/gtest.h>)
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60
      TEST_PREFIX "${name}." PROPERTIES TIMEOUT 300)
  endif()
endfunction()

function(meridian_define name)
  get_target_property(type meridian_${name} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_compile_definitions(meridian_${name} INTERFACE ${ARGN})
  else()
    target_compile_definitions(meridian_${name} PUBLIC ${ARGN})
  endif()
endfunction()

# All of FOLDER's sources make the program, except where the folder is a library too: then main.cc alone.
function(meridian_program name folder destination)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/src/${folder}/main.cc)
    message(STATUS "${name}: no src/${folder}/main.cc, not built")
    return()
  endif()
  set(sources ${CMAKE_SOURCE_DIR}/src/${folder}/main.cc)
  if(NOT folder IN_LIST MERIDIAN_LIBRARY_FOLDERS)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE meridian_flags ${ARGN})
  install(TARGETS ${name} DESTINATION ${destination})
endfunction()

function(meridian_tool name destination)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/src/tools/${name}/main.cc)
    message(STATUS "${name}: no src/tools/${name}/main.cc, not built")
    return()
  endif()
  meridian_library(tools/${name} ${ARGN})
  string(REPLACE "-" "_" library ${name})
  add_executable(${name} ${CMAKE_SOURCE_DIR}/src/tools/${name}/main.cc)
  target_link_libraries(${name} PRIVATE meridian_tools_${library})
  install(TARGETS ${name} DESTINATION ${destination})
  file(GLOB page ${CMAKE_SOURCE_DIR}/docs/man/${name}.[18])
  foreach(file IN LISTS page)
    string(REGEX REPLACE ".*\\." "" section ${file})
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  install(FILES ${CMAKE_SOURCE_DIR}/completions/bash/${name}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions OPTIONAL)
  install(FILES ${CMAKE_SOURCE_DIR}/completions/zsh/_${name} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions OPTIONAL)
endfunction()
