# Not part of `all`: ninja channel_bench, then run it on a quiet machine.
add_executable(channel_bench EXCLUDE_FROM_ALL
               "${CMAKE_CURRENT_LIST_DIR}/channel_bench.cc"
               "${CMAKE_CURRENT_LIST_DIR}/../unit/channel/endpoint_pair.cc"
               "${CMAKE_CURRENT_LIST_DIR}/../unit/transport_ssh/ssh_server.cc")
target_include_directories(channel_bench PRIVATE "${CMAKE_CURRENT_LIST_DIR}/../unit/channel"
                           "${CMAKE_CURRENT_LIST_DIR}/../unit/transport_ssh")
target_link_libraries(channel_bench PRIVATE ararat_ssh ararat_step_spec GTest::gtest ararat_warnings)
add_dependencies(channel_bench channel_rsh ararat-supervisor)
target_compile_definitions(channel_bench PRIVATE CHANNEL_RSH="$<TARGET_FILE:channel_rsh>"
                           SUPERVISOR_BINARY="$<TARGET_FILE:ararat-supervisor>")
