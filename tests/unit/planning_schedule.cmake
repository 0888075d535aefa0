file(GLOB planning_schedule_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/planning_schedule/*_test.cc")
ararat_test(planning_schedule_test
  SOURCES ${planning_schedule_tests} support/estate_builder.cc support/schedule_checker.cc support/random_estate.cc
  DEPS ararat_planning)
target_include_directories(planning_schedule_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
