# SPDX-License-Identifier: BSD-2-Clause
#
# A seed replays: two runs write the same trace to the octet, and another seed writes another one.
foreach(run 1.a 1.b 2.a)
  string(REGEX REPLACE "\\..*" "" seed ${run})
  execute_process(COMMAND ${NTPSIM} --check --seed ${seed} --trace ${FOLDER}/trace.${run}.txt ${SCENARIO}
                  RESULT_VARIABLE status OUTPUT_QUIET)
  # 1 says that a bound does not hold: the scenario's own test tells.
  if(NOT status MATCHES "^[01]$")
    message(FATAL_ERROR "ntpsim ended with ${status}")
  endif()
endforeach()
file(SHA256 ${FOLDER}/trace.1.a.txt first)
file(SHA256 ${FOLDER}/trace.1.b.txt again)
file(SHA256 ${FOLDER}/trace.2.a.txt other)
file(SIZE ${FOLDER}/trace.1.a.txt size)
if(size LESS 10000 OR NOT first STREQUAL again)
  message(FATAL_ERROR "the same seed wrote different traces, or an empty one (${size} octets)")
endif()
if(first STREQUAL other)
  message(FATAL_ERROR "two seeds wrote the same trace")
endif()
