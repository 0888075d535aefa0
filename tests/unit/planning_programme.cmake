file(GLOB planning_programme_tests CONFIGURE_DEPENDS
  "${CMAKE_CURRENT_SOURCE_DIR}/unit/planning_programme/*_test.cc"
  "${CMAKE_CURRENT_SOURCE_DIR}/support/programme_*.cc")
ararat_test(planning_programme_test SOURCES ${planning_programme_tests} DEPS ararat_scheduler)
target_include_directories(planning_programme_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
