ararat_test(wire_test
  SOURCES
    ${PROJECT_SOURCE_DIR}/tests/unit/wire/enums_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/wire/messages_test.cc
  DEPS ararat_wire ararat_engine_testing)
