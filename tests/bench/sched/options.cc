#include "bench/sched/options.h"

#include <charconv>
#include <limits>

namespace ararat::bench {
namespace {

template <typename T>
Result<T> number_of(const std::string& option, const std::string& text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value >= T{}) return value;
    return Error{ErrorCode::kInvalidArgument, "'" + text + "' is no number for " + option};
}

Result<void> set(Options& options, const std::string& option, const std::string& value, bool& counted) {
    if (option == "--data") {
        options.data.push_back(value);
    } else if (option == "--best-known") {
        options.best_known = value;
    } else if (option == "--starts") {
        options.starts = value;
    } else if (option == "--schedules") {
        ARARAT_ASSIGN_OR_RETURN(options.schedules, number_of<std::int64_t>(option, value));
        counted = true;
    } else if (option == "--seconds") {
        ARARAT_ASSIGN_OR_RETURN(options.seconds, number_of<double>(option, value));
    } else if (option == "--cpu-seconds") {
        ARARAT_ASSIGN_OR_RETURN(options.cpu_seconds, number_of<double>(option, value));
    } else if (option == "--seed") {
        ARARAT_ASSIGN_OR_RETURN(options.seed, number_of<std::uint64_t>(option, value));
    } else if (option == "--every") {
        ARARAT_ASSIGN_OR_RETURN(options.every, number_of<std::size_t>(option, value));
        if (options.every == 0) return Error{ErrorCode::kInvalidArgument, "--every wants 1 or more"};
    } else {
        return Error{ErrorCode::kInvalidArgument, "no option is named " + option};
    }
    return {};
}

}  // namespace

Result<Options> options_of(const std::vector<std::string>& arguments) {
    Options options;
    bool counted = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--quiet") {
            options.quiet = true;
            continue;
        }
        if (i + 1 == arguments.size())
            return Error{ErrorCode::kInvalidArgument, arguments[i] + " wants a value, or is unknown"};
        ARARAT_RETURN_IF_ERROR(set(options, arguments[i], arguments[i + 1], counted));
        ++i;
    }
    if (options.data.empty()) return Error{ErrorCode::kInvalidArgument, "--data names no file or folder"};
    if (options.seconds + options.cpu_seconds > 0 && !counted)
        options.schedules = std::numeric_limits<std::int64_t>::max();
    return options;
}

}  // namespace ararat::bench
