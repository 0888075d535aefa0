# The command line's own parts, some of them against a whole orchestrator in the test's process.
file(GLOB cli_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/cli/*.cc")
ararat_test(cli_test SOURCES ${cli_tests} "${CMAKE_CURRENT_LIST_DIR}/server/test_world.cc"
            DEPS ararat_cli ararat_server)
target_include_directories(cli_test PRIVATE "${CMAKE_CURRENT_LIST_DIR}/server")
