add_executable(orchestrator_bench "${CMAKE_CURRENT_LIST_DIR}/orchestrator_bench.cc"
               "${CMAKE_CURRENT_LIST_DIR}/bench_agent.cc"
               "${CMAKE_CURRENT_LIST_DIR}/../unit/server/test_world.cc")
target_include_directories(orchestrator_bench PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator"
                           "${CMAKE_CURRENT_LIST_DIR}/../unit/server")
target_link_libraries(orchestrator_bench PRIVATE ararat_server GTest::gtest ararat_warnings)
