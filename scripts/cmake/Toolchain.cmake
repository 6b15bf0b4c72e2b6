# How everything of ours is compiled: language, warnings, optimization, sanitizers, linker, compiler cache.
#
# The presets name the compilers. clang compiles what runs: from cold in three quarters of g++'s time, and it checks at
# once what each mutex guards. g++ compiles for the sanitizers, as only there the thread sanitizer can be hidden from
# headers (below). So two compilers see the code.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# Nothing here uses C++20 modules; looking for them costs a process per file.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# NDEBUG is never defined: our own checks stay in what runs in production, and the headers of RocksDB and abseil see
# the setting with which the distribution built those libraries.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

# All code is position independent: libraries are static and end in executables only, so PIE is enough (and, unlike
# a mix of PIC and PIE, lets libraries and executables share precompiled headers).
add_compile_options(-fPIE)
add_link_options(-pie)

add_compile_options(-Wall -Wextra -Werror=switch -Werror=return-type -Werror=unused-result
  # Designated initializers leave fields to their defaults on purpose.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports overlaps in std::string's operator+ that do not exist (GCC bug 105651).
  add_compile_options(-Wno-restrict)
else()
  add_compile_options(-Werror=thread-safety)
endif()

if(THROUGHLINE_SANITIZER STREQUAL "address")
  # Not vptr: the distribution's libraries carry no type information for it. Not optimized, and with lines only: compiling
  # takes far longer than the tests.
  add_compile_options(-O0 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=vptr
    -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
elseif(THROUGHLINE_SANITIZER STREQUAL "thread")
  # Headers must not notice: protobuf's would lay out classes differently from the distribution's library.
  add_compile_options(-O0 -g1 -fno-omit-frame-pointer -fsanitize=thread -U__SANITIZE_THREAD__)
  add_link_options(-fsanitize=thread)
elseif(NOT THROUGHLINE_SANITIZER STREQUAL "")
  message(FATAL_ERROR "THROUGHLINE_SANITIZER is `${THROUGHLINE_SANITIZER}`; it can be empty, `address` or `thread`")
endif()

find_program(THROUGHLINE_MOLD mold)
if(THROUGHLINE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_program(THROUGHLINE_CCACHE ccache)
if(THROUGHLINE_CCACHE)
  # Without the sloppiness ccache never reuses a result that came through a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${THROUGHLINE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
