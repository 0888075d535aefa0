# Language level, warnings and sanitizers, the same for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

option(ARARAT_WERROR "Treat warnings as errors" OFF)
option(ARARAT_PCH "Compile gRPC's headers once for all modules that include them" OFF)
option(ARARAT_FUZZ "Build the libFuzzer programs; needs clang" OFF)
set(ARARAT_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")

find_program(ARARAT_CCACHE ccache)
if(ARARAT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ARARAT_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${ARARAT_CCACHE}")
  if(ARARAT_PCH)  # without these two ccache passes such compilations on, uncached
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
        "${ARARAT_CCACHE}")
  endif()
endif()

# -O2: -O3 makes nothing here faster and everything slower to compile.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(ararat_warnings INTERFACE)
target_compile_options(ararat_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlapping copies in std::string's operator+ that are not there (GCC bug 105651).
  target_compile_options(ararat_warnings INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
endif()
if(ARARAT_WERROR)
  target_compile_options(ararat_warnings INTERFACE -Werror)
endif()

if(ARARAT_SANITIZE)
  add_compile_options(-fsanitize=${ARARAT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ARARAT_SANITIZE})
endif()
