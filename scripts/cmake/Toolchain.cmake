# How our code is compiled: language, warnings, optimization, sanitizers, linker, compiler cache.
#
# The presets choose the compiler. clang builds release and dev: it needs three quarters of g++'s time and checks which mutex
# guards what. g++ builds for the sanitizers, since only with g++ can the thread sanitizer be hidden from headers (below).
# So two compilers check the code.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# Nothing here uses C++20 modules; looking for them costs a process per file.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# NDEBUG is never defined: our checks run in production, too, and the headers of RocksDB and abseil must see the setting with
# which the distribution built those libraries.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -D_FORTIFY_SOURCE=2")  # which needs optimization

# PIE is enough: our static libraries are linked into executables only. Unlike a mix of PIC and PIE, it lets libraries and
# executables share precompiled headers.
add_compile_options(-fPIE)
add_link_options(-pie)

# What makes a fault in memory harder to use (scripts/hardening checks the programs): canaries on the stack, no jump over its
# guard page, no data that is executed, no table of the linker that can be written once the program runs.
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)

add_compile_options(-Wall -Wextra -Werror=switch -Werror=return-type -Werror=unused-result
  # Designated initializers leave fields at their defaults on purpose.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports overlaps in std::string's operator+ that do not exist (GCC bug 105651).
  add_compile_options(-Wno-restrict)
else()
  add_compile_options(-Werror=thread-safety)
endif()

if(THROUGHLINE_SANITIZER STREQUAL "address")
  # No vptr check: the distribution's libraries lack the type information. No optimization, and only line tables: compiling
  # takes far longer than running the tests.
  add_compile_options(-O0 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=vptr
    -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
elseif(THROUGHLINE_SANITIZER STREQUAL "thread")
  # Hide the sanitizer from headers: protobuf's would lay out classes differently from the distribution's library.
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
  # Without these settings ccache never hits for sources with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${THROUGHLINE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
