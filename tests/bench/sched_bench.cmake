add_executable(sched_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/sched/sched_bench.cc"
  "${CMAKE_CURRENT_LIST_DIR}/sched/options.cc" "${CMAKE_CURRENT_LIST_DIR}/sched/field_reader.cc"
  "${CMAKE_CURRENT_LIST_DIR}/sched/single_mode_files.cc")
target_include_directories(sched_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests")
target_link_libraries(sched_bench PRIVATE ararat_scheduler fmt::fmt ararat_warnings)
