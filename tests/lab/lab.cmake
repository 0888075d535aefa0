# Tests on the lab's real hosts. They need root; where there is none they say so and are skipped. One at a
# time, each in a network namespace and a folder of its own, beside a lab that somebody has up.
set(in_namespace unshare --net -- sh -c "ip link set lo up && exec \"$@\"" sh)

# The agent as it is, but one protocol behind: what names the protocol is compiled again and stands in front of the
# library. The product itself has no switch for that.
add_executable(ararat-agent-former "${PROJECT_SOURCE_DIR}/agent/main.cc" "${PROJECT_SOURCE_DIR}/agent/welcome.cc"
                                   "${PROJECT_SOURCE_DIR}/agent/agent_messages.cc")
foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS LINK_LIBRARIES LINK_OPTIONS)
  get_target_property(of_agent ararat-agent ${property})
  if(of_agent)
    set_target_properties(ararat-agent-former PROPERTIES ${property} "${of_agent}")
  endif()
endforeach()
target_include_directories(ararat-agent-former BEFORE PRIVATE "${CMAKE_CURRENT_LIST_DIR}/former")
add_dependencies(ararat-agent-former ararat-agent)

add_test(NAME lab.file COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/test_lab_file.py")
set_tests_properties(lab.file PROPERTIES TIMEOUT 120)

# The image comes from the package archive, which those namespaces do not reach.
add_test(NAME lab.image.smoke COMMAND "${PROJECT_SOURCE_DIR}/deploy/lab/lab" image
                                      "${PROJECT_SOURCE_DIR}/deploy/lab/smoke.yaml")
add_test(NAME lab.image.faults COMMAND "${PROJECT_SOURCE_DIR}/deploy/lab/lab" image
                                       "${CMAKE_CURRENT_LIST_DIR}/faults.yaml")
set_tests_properties(lab.image.smoke lab.image.faults PROPERTIES TIMEOUT 1800 LABELS lab FIXTURES_SETUP lab_image
                     RESOURCE_LOCK lab)

add_test(NAME lab.hosts COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/test_lab.py")
add_test(NAME lab.faults COMMAND ${in_namespace} "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/faults_test.py")
set_tests_properties(lab.faults PROPERTIES ENVIRONMENT
  "ARARAT_BUILD=${PROJECT_BINARY_DIR};ARARAT_LAB_DIR=/var/lib/ararat-lab-faults")
set_tests_properties(lab.hosts lab.faults PROPERTIES TIMEOUT 1500 LABELS lab FIXTURES_REQUIRED lab_image
                     RESOURCE_LOCK lab SKIP_REGULAR_EXPRESSION "skipped: ")
