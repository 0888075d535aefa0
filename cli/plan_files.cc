#include "cli/plan_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "platform/files.h"
#include "platform/root_folder.h"

namespace ararat::cli {

namespace {

using planning::DiagnosticCode;
using platform::FolderEntry;
using platform::Links;
using platform::RootFolder;

constexpr const char* kManifest = "action.yaml";
// Up to here a file that is too large is read all the same, to be told how large it is.
constexpr std::size_t kReadBytesMin = std::size_t{64} << 20U;

std::string joined(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : (std::filesystem::path(folder) / name).generic_string();
}

bool is_yaml(const FolderEntry& entry) {
    const bool may_be_file = entry.kind == FolderEntry::Kind::kFile || entry.kind == FolderEntry::Kind::kLink;
    return may_be_file && (entry.name.ends_with(".yaml") || entry.name.ends_with(".yml"));
}

DiagnosticCode code_of(const Error& error) {
    if (error.code == ErrorCode::kInvalidArgument) return DiagnosticCode::kBadPath;
    return error.code == ErrorCode::kResourceExhausted ? DiagnosticCode::kTooLarge
                                                       : DiagnosticCode::kMissingFile;
}

std::string words_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::kNotFound: return "is not there";
        case ErrorCode::kInvalidArgument:
        case ErrorCode::kFailedPrecondition: return error.message;
        default: return "cannot be read: " + error.message;
    }
}

// A folder with what people call it: as they wrote it.
struct Root {
    RootFolder folder;
    std::string shown;
};
using RootPtr = std::shared_ptr<const Root>;

class SourceReader {
public:
    // `bytes_max`: of one plan file; what is larger is not even read.
    explicit SourceReader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void read_plans(const std::vector<std::string>& paths) {
        for (const auto& path : paths) want_named(path);
        while (!waiting_.empty()) {
            const Wanted wanted = std::move(waiting_.front());
            waiting_.pop_front();
            take_plan(wanted);
        }
    }

    // `required`: somebody named this folder.
    void read_library(const std::string& path, bool required) {
        auto folder = RootFolder::open(path.empty() ? "." : path);
        if (!folder.ok()) {
            if (required) refuse({path, 1, 1}, "the folder", folder.error());
            return;
        }
        const Root root{std::move(*folder), path};
        read_runbooks(root);
        read_actions(root);
    }

    planning::PlanSources sources;

private:
    // A plan file below a root.
    struct Wanted {
        RootPtr root;
        std::string relative;
        SourcePlace place;    // what asks for it
        std::string subject;  // what it is called there
    };

    void refuse(const SourcePlace& place, const std::string& subject, const Error& error) {
        sources.faults.push_back({place, code_of(error), subject + " " + words_of(error)});
    }

    // A path of the command line: what it leads to is meant, wherever that is.
    void want_named(const std::string& path) {
        if (auto folder = RootFolder::open(path); folder.ok()) {
            const auto root = std::make_shared<const Root>(Root{std::move(*folder), path});
            want_folder(root, ".", {path, 1, 1}, "the folder");
            return;
        }
        auto folder = RootFolder::open(platform::dir_of(path));
        if (!folder.ok()) {
            refuse({path, 1, 1}, "the file", folder.error());
            return;
        }
        const std::string parent = std::filesystem::path(path).parent_path().generic_string();
        const auto root = std::make_shared<const Root>(Root{std::move(*folder), parent});
        const std::string name = platform::base_of(path);
        const std::string real = root->folder.resolved(name);
        const auto target = RootFolder::open(platform::dir_of(real));
        add_plan({root, name, {path, 1, 1}, "the file"},
                 target.ok() ? read(*target, platform::base_of(real)) : target.error());
    }

    // Every *.yaml in it.
    void want_folder(const RootPtr& root, const std::string& relative, const SourcePlace& place,
                     const std::string& subject) {
        const auto folder = root->folder.folder(relative);
        const auto entries = folder.ok() ? folder->entries() : folder.error();
        if (!entries.ok()) {
            refuse(place, subject, entries.error());
            return;
        }
        bool any = false;
        for (const FolderEntry& entry : *entries) {
            if (!is_yaml(entry)) continue;
            any = true;
            const std::string file = relative == "." ? entry.name : joined(relative, entry.name);
            waiting_.push_back({root, file, {joined(root->shown, file), 1, 1}, "the file"});
        }
        if (any) return;
        sources.faults.push_back({place, DiagnosticCode::kMissingFile, subject + " has no .yaml file in it"});
    }

    void take_plan(const Wanted& wanted) { add_plan(wanted, read(wanted.root->folder, wanted.relative)); }

    [[nodiscard]] Result<platform::FileContent> read(const RootFolder& folder,
                                                     const std::string& file) const {
        return folder.read(file, Links::kWithin, bytes_max_);
    }

    void add_plan(const Wanted& wanted, const Result<platform::FileContent>& content) {
        if (!content.ok()) {
            refuse(wanted.place, wanted.subject, content.error());
            return;
        }
        if (!seen_.emplace(content->device, content->inode).second) return;
        sources.plans.push_back({joined(wanted.root->shown, wanted.relative), content->bytes});
        const std::string here = std::filesystem::path(wanted.relative).parent_path().generic_string();
        read_imports(*wanted.root, here);
        for (const auto& include : planning::includes_of(sources.plans.back())) {
            const std::string relative = joined(here, include.path);
            const std::string subject = fmt::format("'{}'", include.path);
            if (wanted.root->folder.folder(relative).ok()) {
                want_folder(wanted.root, relative, include.place, subject);
            } else {
                waiting_.push_back({wanted.root, relative, include.place, subject});
            }
        }
    }

    // The calendars of the plan file read last, which stands in `here`.
    void read_imports(const Root& root, const std::string& here) {
        const planning::SourceFile& plan = sources.plans.back();
        for (const auto& import : planning::imports_of(plan)) {
            const std::string relative = joined(here, import.path);
            auto content = read(root.folder, relative);
            if (content.ok()) {
                sources.calendars[plan.name][import.path] = {joined(root.shown, relative), content->bytes};
            } else {
                refuse(import.place, fmt::format("'{}'", import.path), content.error());
            }
        }
    }

    // A part of the library that need not be there. Its entries; none when there is nothing to read.
    std::vector<FolderEntry> entries_of(const Root& root, const std::string& relative) {
        const auto folder = root.folder.folder(relative);
        if (!folder.ok() && folder.error().code == ErrorCode::kNotFound) return {};
        const auto entries = folder.ok() ? folder->entries() : folder.error();
        if (entries.ok()) return *entries;
        refuse({joined(root.shown, relative), 1, 1}, "the folder", entries.error());
        return {};
    }

    // The bytes; nothing, and a fault at its own place, when it cannot be read.
    std::optional<std::string> bytes_of(const RootFolder& folder, const std::string& relative,
                                        const std::string& shown, Links links = Links::kWithin) {
        auto content = folder.read(relative, links);
        if (content.ok()) return std::move(content->bytes);
        refuse({shown, 1, 1}, "the file", content.error());
        return std::nullopt;
    }

    void read_runbooks(const Root& root) {
        for (const FolderEntry& entry : entries_of(root, "runbooks")) {
            if (!is_yaml(entry)) continue;
            if (!runbooks_.insert(std::filesystem::path(entry.name).stem().string()).second) continue;
            const std::string file = "runbooks/" + entry.name;
            const std::string shown = joined(root.shown, file);
            if (auto text = bytes_of(root.folder, file, shown)) sources.runbooks.push_back({shown, *text});
        }
    }

    void read_actions(const Root& root) {
        for (const FolderEntry& entry : entries_of(root, "actions")) {
            if (entry.kind == FolderEntry::Kind::kFile) continue;
            const std::string path = "actions/" + entry.name;
            const auto entries = entries_of(root, path);
            const auto is_manifest = [](const FolderEntry& file) { return file.name == kManifest; };
            if (std::none_of(entries.begin(), entries.end(), is_manifest)) continue;
            const auto folder = root.folder.folder(path);
            if (!folder.ok()) continue;
            const std::string shown = joined(root.shown, path);
            const auto [known, is_new] =
                action_folders_.emplace(entry.name, Named{folder->resolved("."), shown});
            if (is_new) {
                read_action(*folder, shown, entry.name, entries);
            } else if (known->second.real != folder->resolved(".")) {
                refuse_second(entry.name, known->second.shown, shown);
            }
        }
    }

    // Which of them a step means would depend on where the plan is compiled.
    void refuse_second(const std::string& action, const std::string& first, const std::string& second) {
        sources.faults.push_back(
            {{joined(first, kManifest), 1, 1},
             DiagnosticCode::kRepeatedName,
             fmt::format("action '{}' is defined twice (also at {}:1:1; meant: a name of its own)", action,
                         joined(second, kManifest))});
    }

    void read_action(const RootFolder& folder, const std::string& shown, const std::string& action,
                     const std::vector<FolderEntry>& entries) {
        auto& files = sources.action_files[action];
        const std::string manifest = joined(shown, kManifest);
        if (auto text = bytes_of(folder, kManifest, manifest)) sources.actions.push_back({manifest, *text});
        for (const FolderEntry& entry : entries) {
            if (entry.name == kManifest) continue;
            if (entry.kind == FolderEntry::Kind::kLink) {
                sources.action_links[action][entry.name] = folder.resolved(entry.name);
            } else if (entry.kind == FolderEntry::Kind::kFile) {
                auto bytes = bytes_of(folder, entry.name, joined(shown, entry.name), Links::kRefused);
                if (bytes) files.emplace(entry.name, std::move(*bytes));
            }
        }
    }

    struct Named {
        std::string real;
        std::string shown;
    };

    std::map<std::string, Named> action_folders_;
    const std::size_t bytes_max_;
    std::deque<Wanted> waiting_;
    std::set<std::pair<dev_t, ino_t>> seen_;
    std::set<std::string> runbooks_;
};

struct Library {
    std::string path;
    bool named = false;
};

Library library_folder(const std::string& given) {
    if (!given.empty()) return {given, true};
    if (const char* set = std::getenv("ARARAT_LIBRARY"); set != nullptr && *set != '\0') return {set, true};
    std::error_code error;
    constexpr const char* kInstalled = "/usr/share/ararat/plans";
    return {std::filesystem::is_directory(kInstalled, error) ? kInstalled : ARARAT_SOURCE_LIBRARY, false};
}

}  // namespace

planning::PlanSources read_plan_sources(const std::vector<std::string>& paths, const std::string& library,
                                        std::size_t bytes_max) {
    SourceReader reader(std::max(bytes_max, kReadBytesMin));
    reader.read_plans(paths);
    std::set<std::string> places;
    for (const auto& path : paths) {
        std::error_code error;
        const bool folder = std::filesystem::is_directory(path, error);
        const std::string place = folder ? path : std::filesystem::path(path).parent_path().string();
        if (places.insert(place).second) reader.read_library(place, false);
    }
    const Library shared = library_folder(library);
    reader.read_library(shared.path, shared.named);
    return std::move(reader.sources);
}

}  // namespace ararat::cli
