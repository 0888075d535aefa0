ararat_test(cli_test
  SOURCES unit/cli/plan_files_test.cc unit/cli/wave_table_test.cc
  DEPS ararat_cli)
