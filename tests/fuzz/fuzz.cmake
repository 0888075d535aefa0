# The fuzz targets, twice: as one plain program for every build, and as libFuzzer programs where ARARAT_FUZZ is set
# (the preset "fuzz"; ./x fuzz).
set(fuzz_dir "${CMAKE_CURRENT_LIST_DIR}")
set(fuzz_targets plan scalars wire command journal ssh channel)
set(fuzz_libraries_plan ararat_planning ararat_wire ararat_step_spec)
set(fuzz_libraries_scalars ararat_planning ararat_platform)
set(fuzz_libraries_wire ararat_wire)
set(fuzz_libraries_command ararat_agent_core ararat_channel ararat_proto)
set(fuzz_libraries_journal ararat_agent_core)
set(fuzz_libraries_ssh ararat_ssh ararat_step_spec)
set(fuzz_libraries_channel ararat_channel)
set(fuzz_sources_plan "${fuzz_dir}/plan_sources.cc")
# The agent's conversion is compiled in: its library needs everything that an agent has.
set(fuzz_sources_command "${PROJECT_SOURCE_DIR}/agent/convert.cc")

# A library for each, so that a fuzzer is built with no more than what it tries.
add_executable(fuzz_regress "${fuzz_dir}/regress.cc" "${fuzz_dir}/targets.cc")
foreach(target IN LISTS fuzz_targets)
  add_library(fuzz_${target}_target STATIC EXCLUDE_FROM_ALL "${fuzz_dir}/${target}_target.cc" "${fuzz_dir}/pieces.cc"
                                           ${fuzz_sources_${target}})
  target_include_directories(fuzz_${target}_target PUBLIC "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator")
  target_link_libraries(fuzz_${target}_target PUBLIC ${fuzz_libraries_${target}} ararat_warnings)
  target_link_libraries(fuzz_regress PRIVATE fuzz_${target}_target)
  add_test(NAME fuzz.regress.${target}
           COMMAND fuzz_regress "${fuzz_dir}/corpus" --keep "${PROJECT_BINARY_DIR}/fuzz-crashes" ${target})
  set_tests_properties(fuzz.regress.${target} PROPERTIES TIMEOUT 600)
endforeach()

# Writes the corpus's seeds: fuzz_seeds tests/fuzz/corpus.
set(planning_tests "${PROJECT_SOURCE_DIR}/tests/unit/planning")
add_executable(fuzz_seeds EXCLUDE_FROM_ALL "${fuzz_dir}/seeds.cc" "${planning_tests}/small_plan.cc"
                                           "${planning_tests}/source_builder.cc" "${planning_tests}/plan_faults_test.cc"
                                           "${planning_tests}/text_faults_test.cc")
target_link_libraries(fuzz_seeds PRIVATE fuzz_plan_target fuzz_command_target ararat_channel GTest::gtest)
target_compile_definitions(fuzz_seeds PRIVATE ARARAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

if(ARARAT_FUZZ)
  add_custom_target(fuzzers)
  foreach(target IN LISTS fuzz_targets)
    add_executable(fuzz_${target} EXCLUDE_FROM_ALL "${fuzz_dir}/entry.cc")
    target_compile_definitions(fuzz_${target} PRIVATE ARARAT_FUZZ_RUN=fuzz_${target})
    target_link_libraries(fuzz_${target} PRIVATE fuzz_${target}_target)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${target})
  endforeach()
endif()
