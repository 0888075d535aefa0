ararat_test(planning_test
  SOURCES
    unit/planning/source_builder.cc
    unit/planning/small_plan.cc
    unit/planning/action_faults_test.cc
    unit/planning/compile_test.cc
    unit/planning/fault_pairs_test.cc
    unit/planning/icalendar_test.cc
    unit/planning/plan_examples_test.cc
    unit/planning/plan_faults_test.cc
    unit/planning/plan_language_test.cc
    unit/planning/plan_parser_test.cc
    unit/planning/planned_plan.cc
    unit/planning/planned_plan_test.cc
    unit/planning/runbook_faults_test.cc
    unit/planning/scalar_types_test.cc
    unit/planning/scheduling_faults_test.cc
    unit/planning/southwark_plan_test.cc
    unit/planning/template_text_test.cc
    unit/planning/text_faults_test.cc
  DEPS ararat_planning nlohmann_json::nlohmann_json)

ararat_test(model_test
  SOURCES unit/model/compiled_plan_test.cc unit/model/task_state_test.cc
  DEPS ararat_model)
