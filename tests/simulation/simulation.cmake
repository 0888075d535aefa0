# The whole product but its sockets, threads and processes, in virtual time.
add_executable(simulate
  ${CMAKE_CURRENT_LIST_DIR}/clock_checker.cc
  ${CMAKE_CURRENT_LIST_DIR}/invariants.cc
  ${CMAKE_CURRENT_LIST_DIR}/plan_facts.cc
  ${CMAKE_CURRENT_LIST_DIR}/random_plan.cc
  ${CMAKE_CURRENT_LIST_DIR}/record_checker.cc
  ${CMAKE_CURRENT_LIST_DIR}/simulate.cc
  ${CMAKE_CURRENT_LIST_DIR}/simulation.cc
  ${CMAKE_CURRENT_LIST_DIR}/simulation_events.cc
  ${CMAKE_CURRENT_LIST_DIR}/simulation_people.cc
  ${CMAKE_CURRENT_LIST_DIR}/simulation_ssh.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_agent.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_disk.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_orchestrator.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_ssh_host.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_ssh_link.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_supervisors.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_tickets.cc
  ${CMAKE_CURRENT_LIST_DIR}/virtual_vfs.cc)
target_include_directories(simulate PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator")
target_link_libraries(simulate PRIVATE ararat_server ararat_agent ararat_engine_testing SQLite::SQLite3 CLI11::CLI11
                                       ararat_warnings)

add_test(NAME simulation.seeds
         COMMAND simulate --seeds 10000 --corpus ${CMAKE_CURRENT_LIST_DIR}/corpus.txt)
set_tests_properties(simulation.seeds PROPERTIES TIMEOUT 900 PROCESSORS 2)
# A simulator that notices nothing would pass: each of these has to make it fail.
add_test(NAME simulation.notices.agent-fsync
         COMMAND simulate --seeds 500 --first 1 --break agent-fsync --expect-failure)
set_tests_properties(simulation.notices.agent-fsync PROPERTIES TIMEOUT 300 PROCESSORS 2)
add_test(NAME simulation.mutants
         COMMAND "${Python3_EXECUTABLE}" -B ${CMAKE_CURRENT_LIST_DIR}/mutants.py --build ${PROJECT_BINARY_DIR})
set_tests_properties(simulation.mutants PROPERTIES TIMEOUT 1200 PROCESSORS 2)
