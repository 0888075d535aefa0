# The published JSON Schema against every plan there is, good and spoilt.
set(planning_tests "${PROJECT_SOURCE_DIR}/tests/unit/planning")
add_executable(fault_files "${CMAKE_CURRENT_LIST_DIR}/fault_files.cc" "${planning_tests}/small_plan.cc"
               "${planning_tests}/source_builder.cc" "${planning_tests}/text_faults_test.cc"
               "${planning_tests}/plan_faults_test.cc" "${planning_tests}/action_faults_test.cc"
               "${planning_tests}/runbook_faults_test.cc")
target_link_libraries(fault_files PRIVATE ararat_planning nlohmann_json::nlohmann_json GTest::gtest ararat_warnings)
target_compile_definitions(fault_files PRIVATE ARARAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME schema.plans COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/schema_test.py"
         --fault-files $<TARGET_FILE:fault_files>)
set_tests_properties(schema.plans PROPERTIES TIMEOUT 120)
