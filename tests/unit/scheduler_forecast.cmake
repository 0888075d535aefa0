file(GLOB scheduler_forecast_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/scheduler_forecast/*.cc")
ararat_test(scheduler_forecast_test SOURCES ${scheduler_forecast_tests} DEPS ararat_scheduler)
target_include_directories(scheduler_forecast_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
