# What a disk can do to the product.
file(GLOB disk_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/disk/*.cc")
ararat_test(disk_test
  SOURCES
    ${disk_tests}
    ${PROJECT_SOURCE_DIR}/tests/unit/server/test_world.cc
  DEPS ararat_server ararat_engine_testing)
target_include_directories(disk_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/server)
