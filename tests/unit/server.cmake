file(GLOB server_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/server/*.cc")
ararat_test(server_test SOURCES ${server_tests} DEPS ararat_server ararat_engine_testing nlohmann_json::nlohmann_json)
