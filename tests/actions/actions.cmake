# What the library's actions ship, run as it is: the scripts have no compiler to find their mistakes.
add_test(NAME actions.scripts COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/action_scripts_test.py")
add_test(NAME actions.postgres COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/postgres_actions_test.py")
add_test(NAME actions.postgres_dump COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/postgres_dump_test.py")
set_tests_properties(actions.scripts actions.postgres actions.postgres_dump PROPERTIES TIMEOUT 300 LABELS actions)
set_tests_properties(actions.postgres actions.postgres_dump PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
