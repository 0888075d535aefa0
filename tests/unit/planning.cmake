ararat_test(planning_test
  SOURCES
    unit/planning/source_builder.cc
    unit/planning/plan_examples_test.cc
  DEPS ararat_planning)
