ararat_test(transport_agents_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/transport/handshake_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport/dispatcher_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/transport/agent_sessions_test.cc"
            DEPS ararat_transport)
