# What every test of the engine uses: plans as text, the engine's loop without a network.
add_library(ararat_engine_testing STATIC
  ${PROJECT_SOURCE_DIR}/tests/support/engine_world.cc
  ${PROJECT_SOURCE_DIR}/tests/support/plan_text.cc
  ${PROJECT_SOURCE_DIR}/tests/support/record_text.cc)
target_link_libraries(ararat_engine_testing PUBLIC ararat_execution PRIVATE ararat_warnings)

ararat_test(execution_test
  SOURCES
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/back_out_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/check_plan_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/clock_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/forward_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/golden_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/hosts_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/latest_return_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/lost_history_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/outcomes_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/people_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/turned_back_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/execution/window_test.cc
  DEPS ararat_engine_testing)

add_executable(engine_bench ${PROJECT_SOURCE_DIR}/tests/bench/engine_bench.cc)
target_link_libraries(engine_bench PRIVATE ararat_engine_testing ararat_warnings)
