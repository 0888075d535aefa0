include_guard(GLOBAL)  # the solver's tests use the generator, too
add_library(programme_generator STATIC EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/sched/host_graph.cc"
  "${CMAKE_CURRENT_LIST_DIR}/sched/programme_draft.cc" "${CMAKE_CURRENT_LIST_DIR}/sched/programme_limits.cc"
  "${CMAKE_CURRENT_LIST_DIR}/sched/programme_rules.cc")
target_include_directories(programme_generator PUBLIC "${PROJECT_SOURCE_DIR}/tests")
target_link_libraries(programme_generator PUBLIC ararat_scheduler PRIVATE ararat_warnings)
add_executable(waves_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/sched/waves_bench.cc")
target_link_libraries(waves_bench PRIVATE programme_generator fmt::fmt ararat_warnings)
