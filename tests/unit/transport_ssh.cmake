ararat_test(transport_ssh_pure_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/pacer_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/attempt_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/requests_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/supervisor_test.cc"
            DEPS ararat_ssh ararat_step_spec)

# Against a private sshd on loopback, with its own keys; skipped where openssh-server is not installed.
ararat_test(transport_ssh_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/session_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/jump_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/peer_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/host_link_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/proxy_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/install_agent_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/ssh_server.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/endpoint_pair.cc"
            DEPS ararat_ssh ararat_step_spec)
target_include_directories(transport_ssh_test PRIVATE "${CMAKE_CURRENT_LIST_DIR}/channel")
add_dependencies(transport_ssh_test channel_rsh ararat-supervisor)
target_compile_definitions(transport_ssh_test PRIVATE CHANNEL_RSH="$<TARGET_FILE:channel_rsh>"
                           SUPERVISOR_BINARY="$<TARGET_FILE:ararat-supervisor>")
