#include "model/plan.h"

namespace ararat {

std::string to_string(const SourcePlace& place) {
    return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace ararat
