ararat_test(agent_core_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/agent/step_codec_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/journal_frame_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/agent_core_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/policy_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/orchestrator_turns_test.cc"
            DEPS ararat_agent_core)

ararat_test(agent_verbs_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/agent/run_verb_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/probe_verbs_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/file_verbs_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/host_verbs_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/verb_world.cc"
            DEPS ararat_verbs)

ararat_test(agent_supervisor_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/agent/supervisor_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/attempt_folder_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/supervisor_commands_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/supervisor_program.cc"
            DEPS ararat_supervisor_lib)
add_dependencies(agent_supervisor_test ararat-supervisor)
target_compile_definitions(agent_supervisor_test PRIVATE SUPERVISOR="$<TARGET_FILE:ararat-supervisor>")

# The real programs against an orchestrator played by the test.
ararat_test(agent_process_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/agent/agent_process_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/agent_orchestrators_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/agent_no_room_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/agent_parts_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/supervisor_calls_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/copy_tree_test.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/channel/endpoint_pair.cc"
                    "${CMAKE_CURRENT_LIST_DIR}/agent/played_orchestrator.cc"
            DEPS ararat_agent)
add_dependencies(agent_process_test ararat-agent ararat-supervisor channel_rsh)
target_include_directories(agent_process_test PRIVATE "${CMAKE_CURRENT_LIST_DIR}/channel")
target_compile_definitions(agent_process_test PRIVATE SUPERVISOR="$<TARGET_FILE:ararat-supervisor>"
                           CHANNEL_RSH="$<TARGET_FILE:channel_rsh>"
                           AGENT="$<TARGET_FILE:ararat-agent>")

ararat_test(sync_order_test
            SOURCES "${CMAKE_CURRENT_LIST_DIR}/agent/sync_order_test.cc"
                    "${PROJECT_SOURCE_DIR}/tests/support/file_calls.cc"
            DEPS ararat_server ararat_agent ararat_supervisor_lib)
