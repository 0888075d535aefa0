ararat_test(platform_test
  SOURCES unit/platform/files_test.cc unit/platform/identity_test.cc unit/platform/pki_test.cc
          unit/platform/tls_context_test.cc unit/platform/process_test.cc unit/platform/log_test.cc
          unit/platform/root_folder_test.cc
  DEPS ararat_platform nlohmann_json::nlohmann_json)
