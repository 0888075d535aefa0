ararat_test(store_test
  SOURCES
    ${PROJECT_SOURCE_DIR}/tests/unit/store/backup_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/store/journal_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/store/registry_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/store/restore_test.cc
    ${PROJECT_SOURCE_DIR}/tests/unit/store/sqlite_log_damage_test.cc
  DEPS ararat_store ararat_platform ararat_engine_testing)
