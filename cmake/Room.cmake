# How every room is built: C++20, warnings are errors, includes from the project's root.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Static libraries throughout: a check is one short process, and every shared library costs it a
# tenth of its time. Only glibc stays shared, so that libpq can be loaded when it is asked for.
set(BUILD_SHARED_LIBS OFF)

add_library(dmigate_options INTERFACE)
target_include_directories(dmigate_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dmigate_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Werror
  -Wno-missing-field-initializers  # what a designated initializer leaves out has its default
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds>)  # false alarms on std::string (GCC bug 105651); clang-tidy has its own
target_compile_definitions(dmigate_options INTERFACE
  BOOST_CONTAINER_NO_LIB BOOST_JSON_NO_LIB  # as Boost::json has it: parse_once() needs all alike
  $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
if(DMIGATE_SANITIZE)
  target_compile_options(dmigate_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(dmigate_options INTERFACE -fsanitize=address,undefined)
endif()
if(DMIGATE_FUZZ)  # comparisons are not traced: docs/reader.md, Fuzzed
  target_compile_options(dmigate_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-coverage=trace-cmp -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  target_link_options(dmigate_options INTERFACE -fsanitize=address,undefined)
endif()
if(DMIGATE_COVERAGE)
  target_compile_options(dmigate_options INTERFACE --coverage)
  target_link_options(dmigate_options INTERFACE --coverage)
endif()

# Files of a target are compiled several at once, which takes half the time: names in them are unique in their target.
# For one file at a time: the preset debug.
if(CMAKE_UNITY_BUILD)
  target_compile_options(dmigate_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()

# What most files begin with is parsed once for all targets of a group, which are compiled alike: a fifth of the
# time of a build. Every file still includes what it uses: check-lint compiles each by itself.
set(parsed_once <algorithm> <array> <boost/json.hpp> <charconv> <chrono> <filesystem> <functional> <map> <memory>
  <optional> <set> <span> <string> <string_view> <tl/expected.hpp> <vector>)
function(parse_once group target)
  get_property(first GLOBAL PROPERTY parsed_for_${group})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${parsed_once} ${ARGN})
    set_property(GLOBAL PROPERTY parsed_for_${group} ${target})
  endif()
endfunction()

# room(NAME SOURCES … LINKS …): a static library dmigate_NAME.
function(room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(dmigate_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(dmigate_${name} PUBLIC ${ROOM_LINKS} PRIVATE dmigate_options)
  target_include_directories(dmigate_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  parse_once(rooms dmigate_${name})
endfunction()

# A room whose speed is measured: where it ships, each file is compiled by itself, since g++ inlines less in large ones.
function(measured target)
  if(CMAKE_BUILD_TYPE STREQUAL Release AND NOT DMIGATE_FUZZ)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
endfunction()

# What is tested is compiled as it ships; the tests themselves need not be fast, and compile in half the time.
function(compile_as_test target)
  target_compile_options(${target} PRIVATE -O0 -U_FORTIFY_SOURCE)
  parse_once(tests ${target} <doctest/doctest.h>)
endfunction()

# room_test(NAME SOURCES … LINKS …): a doctest program test_NAME, run by ctest as NAME.
function(room_test name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT TARGET test_main)  # compiled once
    add_library(test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/main.cc)
    target_link_libraries(test_main PRIVATE dmigate_options)
  endif()
  add_executable(test_${name} ${ROOM_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${ROOM_LINKS} test_main dmigate_options)
  compile_as_test(test_${name})
  target_compile_definitions(test_${name} PRIVATE
    DMIGATE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DMIGATE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${name} COMMAND test_${name})
endfunction()
