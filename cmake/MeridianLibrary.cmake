# SPDX-License-Identifier: BSD-2-Clause
#
# meridian_library(NAME): the static library of one folder of the plan (src/NAME), with its unit tests.
#
# Sources are every *.cc of the folder; *_test.cc go into NAME_test. What the library may link follows from
# tests/tidy/deps.txt, the same list that the include test reads: an edge is written down once.

set(MERIDIAN_DEPS_FILE ${CMAKE_SOURCE_DIR}/tests/tidy/deps.txt)
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${MERIDIAN_DEPS_FILE})

add_library(meridian_flags INTERFACE)
target_compile_options(meridian_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Wvla
  # Every member has a default; designated initialisers name only what differs from it.
  -Wno-missing-field-initializers
  $<$<BOOL:${MERIDIAN_WERROR}>:-Werror>)
target_include_directories(meridian_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)


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

# meridian_library(NAME EXTERNAL...): EXTERNAL are targets of packages.
function(meridian_library name)
  string(REPLACE "/" "_" target ${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  meridian_edges(${name} edges)

  set(lower "")
  foreach(edge IN LISTS edges)
    list(APPEND lower meridian_${edge})
  endforeach()
  if(sources)
    add_library(meridian_${target} STATIC ${sources})
    target_link_libraries(meridian_${target} PUBLIC meridian_flags fmt::fmt ${lower} ${ARGN})
  else()
    add_library(meridian_${target} INTERFACE)
    target_link_libraries(meridian_${target} INTERFACE meridian_flags fmt::fmt ${lower} ${ARGN})
  endif()

  if(MERIDIAN_TESTS AND tests)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE meridian_${target} GTest::gtest_main rapidcheck)
    target_precompile_headers(${target}_test PRIVATE <gtest/gtest.h> <rapidcheck/gtest.h>)
    gtest_discover_tests(${target}_test DISCOVERY_TIMEOUT 60
      TEST_PREFIX "${target}." PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# meridian_program(NAME FOLDER LIBRARIES...): the program of src/FOLDER/main.cc.
function(meridian_program name folder)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/src/${folder}/main.cc)
  target_link_libraries(${name} PRIVATE meridian_flags ${ARGN})
endfunction()
