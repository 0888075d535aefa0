add_executable(forecast_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/forecast_bench.cc")
target_link_libraries(forecast_bench PRIVATE ararat_scheduler fmt::fmt ararat_warnings)
