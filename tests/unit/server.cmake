file(GLOB server_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/server/*.cc")
ararat_test(server_test SOURCES ${server_tests} DEPS ararat_server ararat_engine_testing nlohmann_json::nlohmann_json)

# Against a private sshd on loopback; skipped where openssh-server is not installed.
ararat_test(server_ssh_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/server_ssh/read_only_ssh_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/server/test_world.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport_ssh/ssh_server.cc"
            DEPS ararat_server)
target_include_directories(server_ssh_test PRIVATE "${CMAKE_CURRENT_LIST_DIR}/server"
                           "${CMAKE_CURRENT_LIST_DIR}/transport_ssh")
add_dependencies(server_ssh_test ararat-supervisor)
target_compile_definitions(server_ssh_test PRIVATE SUPERVISOR_BINARY="$<TARGET_FILE:ararat-supervisor>")
