# Declares our libraries, tests and binaries. Sources are relative to the folder and listed one by one; includes are
# relative to the project's root.
#
#   tl_library(tl_log SOURCES embedded_log.cc HEADERS event_log.h DEPS tl_store absl::status)
#   tl_test(log_test SOURCES embedded/embedded_log_test.cc DEPS tl_log LABEL contract TIMEOUT 120)
#   tl_binary(throughline-intake SOURCES main.cc DEPS tl_intake)
#
# Keywords without values:
#   GRPC     the code includes gRPC's headers; they are precompiled
#   COLD     the code runs once, to start or to print; it is optimized less
#   TESTING  the code is used by tests only; like tests it is not optimized, which compiles a third faster
#
# THROUGHLINE_UNITY compiles several sources of a target together, which makes a full build faster: shared headers are
# compiled once. APART lists sources whose internal names would clash with another's.

include_guard(GLOBAL)

set(_tl_folder ${CMAKE_CURRENT_LIST_DIR})
option(THROUGHLINE_UNITY "Compile several sources at a time" OFF)

# A static library (or, without SOURCES, a header library) with the alias throughline::<name without tl_>.
# DEPS are passed on to targets that link it, PRIVATE_DEPS are not.
function(tl_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GRPC;COLD;TESTING" "" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS;APART")
  _tl_check(${name})
  string(REGEX REPLACE "^tl_" "" short ${name})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES} ${arg_HEADERS})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
    _tl_precompiled(${name})
    if(THROUGHLINE_SANITIZER)
      # Build only what a selected test links.
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
  endif()
  add_library(throughline::${short} ALIAS ${name})
endfunction()

# A gtest binary that ctest runs as one test, in the project's root. LABEL is unit (default), contract, simulation or
# stories; TIMEOUT is in seconds; ARGS are passed to the binary. THROUGHLINE_BIN in its environment is the folder of the built
# binaries. No other test runs beside a story.
function(tl_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GRPC" "LABEL;TIMEOUT" "SOURCES;HEADERS;DEPS;ARGS;APART")
  _tl_check(${name})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  set(default_unit 60)
  set(default_contract 120)
  set(default_simulation 300)
  set(default_stories 300)
  if(NOT DEFINED default_${arg_LABEL})
    message(FATAL_ERROR "${name}: LABEL is `${arg_LABEL}`; it can be unit, contract, simulation or stories")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${default_${arg_LABEL}})
  endif()
  _tl_sanitized(selected ${arg_LABEL} ${arg_SOURCES})
  if(NOT selected)
    return()
  endif()
  if(THROUGHLINE_SANITIZER)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 4")
  endif()
  add_executable(${name} ${arg_SOURCES} ${arg_HEADERS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gmock_main GTest::gmock GTest::gtest)
  set(arg_TESTING ON)
  _tl_precompiled(${name})
  _tl_executable(${name})
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGS} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "THROUGHLINE_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};ASAN_OPTIONS=detect_stack_use_after_return=1;\
UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=second_deadlock_stack=1:suppressions=${_tl_folder}/tsan.supp")
  if(arg_LABEL STREQUAL "stories")
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

# A program in build/<preset>/bin. Not part of sanitizer builds.
function(tl_binary name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GRPC;COLD;TESTING" "" "SOURCES;HEADERS;DEPS;APART")
  _tl_check(${name})
  if(THROUGHLINE_SANITIZER)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES} ${arg_HEADERS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} ${TL_ALLOCATOR})
  _tl_precompiled(${name})
  _tl_executable(${name})
endfunction()

# Makes misspelled keywords errors. Reads the caller's `arg_` variables.
macro(_tl_check name)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${name}: unknown arguments `${arg_UNPARSED_ARGUMENTS}`")
  endif()
endmacro()

# Whether a test belongs to this build. The distribution built gRPC without sanitizers, so tests that use it are left out.
# `address` runs the tests of libraries below the server, of domains and of carrier adapters; `thread` runs those of
# libraries with threads of their own.
function(_tl_sanitized result label)
  set(${result} ON PARENT_SCOPE)
  if(NOT THROUGHLINE_SANITIZER)
    return()
  endif()
  set(address "^libs/(log|store|runtime|identity)/|/(domain|carriers)/")
  # Without the store: RocksDB's threads cause false alarms. Neither build runs the Kafka adapter's tests: librdkafka's
  # threads do the same, and those tests need a real Kafka.
  set(thread "^libs/(log|runtime)/")
  foreach(source IN LISTS ARGN)
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${path})
    if(NOT path MATCHES "${${THROUGHLINE_SANITIZER}}" OR path MATCHES "/kafka/" OR label MATCHES "^(stories|simulation)$")
      set(${result} OFF PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Adds the precompiled headers for the target's kind of code. Every file must still include what it uses: lint compiles each
# file by itself, without them. Reads the caller's `arg_` variables.
macro(_tl_precompiled name)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${THROUGHLINE_UNITY} UNITY_BUILD_BATCH_SIZE 14)
  if(arg_COLD AND CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${name} PRIVATE -O1)
  endif()
  if(arg_APART)
    set_source_files_properties(${arg_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  if(arg_GRPC)
    target_link_libraries(${name} PRIVATE gRPC::grpc++)
  endif()
  if(arg_GRPC AND arg_TESTING)
    target_precompile_headers(${name} REUSE_FROM tl_precompiled_grpc_test)
  elseif(arg_GRPC)
    target_precompile_headers(${name} REUSE_FROM tl_precompiled_grpc)
  elseif(arg_TESTING)
    target_precompile_headers(${name} REUSE_FROM tl_precompiled_test)
  else()
    target_precompile_headers(${name} REUSE_FROM tl_precompiled_common)
  endif()
  if(arg_TESTING)
    target_compile_options(${name} PRIVATE $<TARGET_PROPERTY:GTest::gtest,INTERFACE_COMPILE_OPTIONS> -O0)
  endif()
endmacro()

# tsan_mutex.cc tells the thread sanitizer about abseil's mutex.
function(_tl_executable name)
  if(THROUGHLINE_SANITIZER STREQUAL "thread")
    target_link_libraries(${name} PRIVATE tl_tsan_mutex)
  endif()
endfunction()

foreach(kind common test grpc grpc_test)
  add_library(tl_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${_tl_folder}/precompiled_${kind}.cc)
  target_link_libraries(tl_precompiled_${kind} PRIVATE protobuf::libprotobuf absl::status absl::statusor absl::strings
    absl::time absl::synchronization absl::flat_hash_map absl::flat_hash_set)
  target_precompile_headers(tl_precompiled_${kind} PRIVATE ${_tl_folder}/precompiled_common.h)
endforeach()
foreach(kind test grpc_test)
  target_link_libraries(tl_precompiled_${kind} PRIVATE GTest::gmock GTest::gtest)
  target_compile_options(tl_precompiled_${kind} PRIVATE -O0)
  target_precompile_headers(tl_precompiled_${kind} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
endforeach()
foreach(kind grpc grpc_test)
  target_link_libraries(tl_precompiled_${kind} PRIVATE gRPC::grpc++)
  target_precompile_headers(tl_precompiled_${kind} PRIVATE <grpcpp/grpcpp.h> <grpcpp/generic/async_generic_service.h>)
endforeach()

if(THROUGHLINE_SANITIZER STREQUAL "thread")
  set(file ${_tl_folder}/tsan_mutex.cc)
  add_library(tl_tsan_mutex OBJECT EXCLUDE_FROM_ALL ${file})
  target_link_libraries(tl_tsan_mutex PUBLIC absl::synchronization)
  target_link_options(tl_tsan_mutex INTERFACE -Wl,--version-script=${_tl_folder}/tsan_symbols.map)
  file(STRINGS ${file} wrapped REGEX "^WRAP\\(")
  foreach(line IN LISTS wrapped)
    string(REGEX REPLACE "^WRAP\\(([A-Za-z0-9_]+),.*" "\\1" symbol "${line}")
    target_link_options(tl_tsan_mutex INTERFACE -Wl,--wrap=${symbol})
  endforeach()
endif()
