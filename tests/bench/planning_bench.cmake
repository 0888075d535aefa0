add_executable(planning_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/planning_bench.cc")
target_link_libraries(planning_bench PRIVATE ararat_planning ararat_wire fmt::fmt ararat_warnings)
target_compile_definitions(planning_bench PRIVATE ARARAT_LIBRARY="${PROJECT_SOURCE_DIR}/plans")
