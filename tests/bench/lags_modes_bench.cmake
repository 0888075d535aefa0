add_executable(lags_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/sched/lags_bench.cc"
  "${CMAKE_CURRENT_LIST_DIR}/sched/sch_reader.cc")
add_executable(modes_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/sched/modes_bench.cc"
  "${CMAKE_CURRENT_LIST_DIR}/sched/mm_reader.cc")
foreach(program IN ITEMS lags_bench modes_bench)
  target_include_directories(${program} PRIVATE "${CMAKE_CURRENT_LIST_DIR}")
  target_link_libraries(${program} PRIVATE ararat_scheduler ararat_warnings)
endforeach()
