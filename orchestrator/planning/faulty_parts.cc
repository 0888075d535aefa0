#include "planning/faulty_parts.h"

namespace ararat::planning {

void FaultyParts::mark(const SourcePlace& part) { parts_.insert(part); }

void FaultyParts::mark(const SourcePlace& part, std::string_view key) {
    parts_.insert(part);
    keys_.emplace(part, std::string(key));
}

void FaultyParts::mark_kind(std::string_view kind) { kinds_.emplace(kind); }

bool FaultyParts::at(const SourcePlace& part, std::string_view key) const {
    if (!parts_.contains(part)) return false;
    return keys_.contains({part, std::string(key)}) || keys_.contains({part, std::string(kEveryKey)});
}

bool FaultyParts::knows(std::string_view kind) const { return !every_kind_ && !kinds_.contains(kind); }

}  // namespace ararat::planning
