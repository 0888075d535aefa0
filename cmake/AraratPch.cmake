# ararat_grpc_pch(TARGETS...): gRPC's and the protocol's headers, which take most of the compiler's time in these
# modules, are compiled once and shared. Every source still includes what it uses: the tidy preset builds
# without this.
function(ararat_grpc_pch)
  if(NOT ARARAT_PCH OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/grpc_pch.cc")
  if(NOT EXISTS "${source}")
    file(WRITE "${source}" "// Carries the precompiled header.\n")
  endif()
  add_library(ararat_grpc_pch OBJECT "${source}")
  # The header is rejected where the options differ from those of the sources that use it.
  target_link_libraries(ararat_grpc_pch PRIVATE ararat_proto spdlog::spdlog fmt::fmt Threads::Threads ararat_warnings)
  target_compile_options(ararat_grpc_pch PUBLIC -fpch-preprocess)
  target_precompile_headers(ararat_grpc_pch PRIVATE <grpcpp/grpcpp.h> <spdlog/spdlog.h>
    <ararat/v1/agent.grpc.pb.h> <ararat/v1/control.grpc.pb.h> <ararat/v1/enrol.grpc.pb.h> <ararat/v1/journal.pb.h>)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} REUSE_FROM ararat_grpc_pch)
  endforeach()
endfunction()
