ararat_test(channel_pure_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/channel/token_bucket_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/rsync_command_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/frames_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/ticket_book_test.cc"
            DEPS ararat_channel)

# rsync's remote shell as a program of its own, since rsync starts it.
add_executable(channel_rsh "${CMAKE_CURRENT_LIST_DIR}/channel/rsh_main.cc")
target_link_libraries(channel_rsh PRIVATE ararat_channel ararat_warnings)

ararat_test(channel_endpoint_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/channel/endpoint_stream_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/endpoint_refusal_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/endpoint_pair.cc"
            DEPS ararat_channel)
add_dependencies(channel_endpoint_test channel_rsh)
target_compile_definitions(channel_endpoint_test PRIVATE CHANNEL_RSH="$<TARGET_FILE:channel_rsh>")
