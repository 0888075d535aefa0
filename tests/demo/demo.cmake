# The demonstration's judgement, without an estate: what it takes for broken, and what it reads from the plan.
add_test(NAME demo.judgement COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_LIST_DIR}/judgement_test.py")
set_tests_properties(demo.judgement PROPERTIES TIMEOUT 60)
