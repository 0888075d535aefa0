file(GLOB programme_solver_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/programme_solver/*.cc")
include("${CMAKE_CURRENT_SOURCE_DIR}/bench/waves_bench.cmake")
ararat_test(programme_solver_test SOURCES ${programme_solver_tests} DEPS programme_generator)
