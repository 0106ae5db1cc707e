# Compiler, linker, warnings, sanitizers: what every target of ours shares, as the interface target
# `stratalog_options`.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(SANITIZE "" CACHE STRING "sanitizers for all targets, such as address,undefined")

find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the tree are hashed relative to it, so that a second clone finds what the first
  # compiled; the sloppiness is what ccache's manual asks for with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_PCH_EXTSUM=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# What every 64-bit x86 server since 2009 has (popcnt, SSE 4.2); wider vectors are chosen at run time
# by the libraries that use them.
set(TARGET_CPU "" CACHE STRING "-march= of the build; empty: a baseline that runs anywhere")
if(NOT TARGET_CPU AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(TARGET_CPU x86-64-v2)
endif()

add_library(stratalog_options INTERFACE)
if(TARGET_CPU)
  target_compile_options(stratalog_options INTERFACE -march=${TARGET_CPU})
endif()
target_include_directories(stratalog_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(stratalog_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fno-omit-frame-pointer $<$<CONFIG:Release>:-O2>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  find_program(MOLD mold)
  if(MOLD)
    target_link_options(stratalog_options INTERFACE -fuse-ld=mold)
  endif()
else()
  target_link_options(stratalog_options INTERFACE -fuse-ld=lld-19)
  # libstdc++ 12 uses what it deprecates itself (std::stable_sort), which gcc knows not to tell.
  # `a & b` of booleans is there where a branch would cost more.
  target_compile_options(stratalog_options INTERFACE -Wno-deprecated-declarations
    -Wno-bitwise-instead-of-logical)
endif()
if(SANITIZE)
  # RTTI of vptr checks would have to be in RocksDB's library too.
  # gcc's manual warns of false alarms of maybe-uninitialized under sanitizers.
  add_compile_options(-fsanitize=${SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer_ignore.txt)
  endif()
  add_link_options(-fsanitize=${SANITIZE})
endif()

# stratalog_library(name LINKS a b PRIVATE_LINKS c PCH <header>...)
#   all sources of the current folder, below sub-folders too, but main.cc
function(stratalog_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;PRIVATE_LINKS;PCH" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc *.h)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC stratalog_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  if(ARG_PCH)
    target_precompile_headers(${name} PRIVATE ${ARG_PCH})
  endif()
endfunction()
