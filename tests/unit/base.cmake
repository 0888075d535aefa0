ararat_test(base_test
  SOURCES unit/base/units_test.cc unit/base/text_test.cc unit/base/sha256_test.cc
  DEPS ararat_base)
