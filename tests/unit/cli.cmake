file(GLOB cli_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/cli/*.cc")
ararat_test(cli_test SOURCES ${cli_tests} DEPS ararat_cli)
