file(GLOB scheduler_lags_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/scheduler_lags/*.cc")
ararat_test(scheduler_lags_test SOURCES ${scheduler_lags_tests} DEPS ararat_scheduler)
target_include_directories(scheduler_lags_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
