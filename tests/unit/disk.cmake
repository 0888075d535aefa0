# What a disk can do to the product: a program of its own, because a failing disk stands in front of the C library.
file(GLOB disk_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/disk/*.cc")
ararat_test(disk_test
  SOURCES
    ${disk_tests}
    ${PROJECT_SOURCE_DIR}/tests/support/failing_disk.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/server/test_world.cc
  DEPS ararat_server ararat_agent ararat_engine_testing SQLite::SQLite3)
target_include_directories(disk_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/disk ${CMAKE_CURRENT_LIST_DIR}/server)
