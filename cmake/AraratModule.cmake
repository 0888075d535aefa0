# ararat_module(NAME [DEPS targets...] [PRIVATE_DEPS targets...])
# A static library from the .cc files of this folder. What it may include is what it links: the
# link line is the layer rule, and tests/lint checks the includes against it.
function(ararat_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;PRIVATE_DEPS;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  foreach(excluded IN LISTS ARG_EXCLUDE)
    list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/${excluded}")
  endforeach()
  if(NOT sources)  # headers only
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator")
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator")
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ararat_warnings ${ARG_PRIVATE_DEPS})
endfunction()

# ararat_test(NAME SOURCES... [DEPS targets...]): a GoogleTest program, found by ctest.
function(ararat_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/orchestrator")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main ararat_warnings)
  target_compile_definitions(${name} PRIVATE ARARAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             ARARAT_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
endfunction()
