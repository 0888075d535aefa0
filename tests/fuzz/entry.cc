// One target as a libFuzzer program; ARARAT_FUZZ_RUN names its function.
#include <cstdint>

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ararat::fuzzing::ARARAT_FUZZ_RUN({reinterpret_cast<const char*>(data), size});
    return 0;
}
