# Not part of `all`: ninja store_bench, then run it with a folder on the disk that is meant.
add_executable(store_bench EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/store_bench.cc")
target_include_directories(store_bench PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator")
target_link_libraries(store_bench PRIVATE ararat_store ararat_platform ararat_engine_testing ararat_warnings)
