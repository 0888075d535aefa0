file(GLOB planning_programme_tests CONFIGURE_DEPENDS
  "${CMAKE_CURRENT_SOURCE_DIR}/unit/planning_programme/*.cc"
  "${CMAKE_CURRENT_SOURCE_DIR}/support/programme_*.cc")
ararat_test(planning_programme_test
  SOURCES ${planning_programme_tests} unit/planning/source_builder.cc unit/planning/small_plan.cc
          unit/planning/planned_plan.cc
  DEPS ararat_planning)
target_include_directories(planning_programme_test PRIVATE "${PROJECT_SOURCE_DIR}/tests")
