// Writes every spoilt plan of the planning tests for a test in another language: fault_files FOLDER makes
// FOLDER/cases.json, a list of {name, file, latin1 (the text), expected (lines)}.
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/unit/planning/small_plan.h"

namespace ararat::planning::testing {
namespace {

std::string spoilt_text(const Spoilt& change) {
    const PlanSources spoilt = spoil(small_plan(), change);
    for (const auto* files : {&spoilt.plans, &spoilt.runbooks, &spoilt.actions})
        for (const SourceFile& file : *files)
            if (file.name == change.file) return file.text;
    return {};
}

nlohmann::json all_cases() {
    nlohmann::json cases = nlohmann::json::array();
    for (const auto some :
         {text_fault_cases(), plan_fault_cases(), action_fault_cases(), runbook_fault_cases()}) {
        for (const Spoilt& change : some) {
            // Text that is not UTF-8 cannot stand in JSON; as Latin-1 every byte can.
            std::string text;
            for (const char c : spoilt_text(change)) {
                const auto byte = static_cast<unsigned char>(c);
                if (byte < 0x80U) {
                    text += c;
                } else {
                    text += static_cast<char>(0xC0U | (byte >> 6U));
                    text += static_cast<char>(0x80U | (byte & 0x3FU));
                }
            }
            cases.push_back({{"name", change.name},
                             {"file", change.file},
                             {"latin1", text},
                             {"expected", change.expected}});
        }
    }
    return cases;
}

}  // namespace
}  // namespace ararat::planning::testing

int main(int argc, char** argv) {
    if (argc != 2) return 3;
    std::ofstream stream(std::string(argv[1]) + "/cases.json");
    stream << ararat::planning::testing::all_cases().dump(1) << "\n";
    return stream.flush().good() ? 0 : 1;
}
