file(GLOB scheduler_single_tests CONFIGURE_DEPENDS
  "${CMAKE_CURRENT_SOURCE_DIR}/unit/planning_scheduler_single/*_test.cc")
ararat_test(planning_scheduler_single_test
  SOURCES ${scheduler_single_tests} bench/sched/field_reader.cc bench/sched/single_mode_files.cc
  DEPS ararat_scheduler)
target_include_directories(planning_scheduler_single_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
