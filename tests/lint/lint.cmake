add_test(NAME lint.rules COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/lint.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME lint.samples COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/lint_test.py")
set_tests_properties(lint.rules lint.samples PROPERTIES TIMEOUT 60 LABELS lint)
