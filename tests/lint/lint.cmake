add_test(NAME lint.rules COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/lint.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME lint.samples COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/lint_test.py")
add_test(NAME lint.format
         COMMAND sh -c "git ls-files -z -- '*.cc' '*.h' | xargs -0 clang-format --dry-run -Werror"
         WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
set_tests_properties(lint.rules lint.samples lint.format PROPERTIES TIMEOUT 60 LABELS lint)
