file(GLOB sched_bench_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/sched/*.cc")
add_executable(sched_bench EXCLUDE_FROM_ALL ${sched_bench_sources})
target_include_directories(sched_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests")
target_link_libraries(sched_bench PRIVATE ararat_scheduler fmt::fmt ararat_warnings)
