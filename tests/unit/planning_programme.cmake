file(GLOB planning_programme_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/planning_programme/*.cc")
ararat_test(planning_programme_test
  SOURCES ${planning_programme_tests} unit/planning/source_builder.cc unit/planning/small_plan.cc
          unit/planning/planned_plan.cc
  DEPS ararat_planning)
