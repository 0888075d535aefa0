// What is read from disk for a plan, and what is refused: files that are not there, and links that leave.
#include "cli/plan_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "cli/compile_plan.h"
#include "platform/files.h"

namespace ararat::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kEmptyLibrary = "library";

// A folder with a plan of nothing, and its paths as people see them without the folder's own.
class PlanFiles : public ::testing::Test {
protected:
    PlanFiles() : dir_(std::move(*platform::TemporaryDirectory::make())) {
        make_folder(kEmptyLibrary);
        write("plan.yaml", "ararat: v1\nprogramme: {name: x}\n");
    }

    [[nodiscard]] std::string path(const std::string& name) const { return dir_.path() + "/" + name; }
    void make_folder(const std::string& name) { ASSERT_TRUE(platform::make_dirs(path(name)).ok()); }
    void write(const std::string& name, const std::string& text) {
        make_folder(std::filesystem::path(name).parent_path().string());
        ASSERT_TRUE(platform::write_file_durable(path(name), text).ok());
    }
    void link(const std::string& target, const std::string& name) {
        make_folder(std::filesystem::path(name).parent_path().string());
        ASSERT_EQ(::symlink(target.c_str(), path(name).c_str()), 0);
    }

    planning::PlanSources read(const std::vector<std::string>& names) {
        std::vector<std::string> paths;
        for (const std::string& name : names) paths.push_back(path(name));
        return read_plan_sources(paths, path(kEmptyLibrary));
    }
    [[nodiscard]] std::string shown(std::string text) const {
        const std::string folder = dir_.path() + "/";
        for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
            text.erase(at, folder.size());
        }
        return text;
    }
    std::vector<std::string> faults(const std::vector<std::string>& names) {
        std::vector<std::string> lines;
        for (const auto& fault : read(names).faults) lines.push_back(shown(to_string(fault)));
        return lines;
    }
    std::vector<std::string> plans(const std::vector<std::string>& names) {
        std::vector<std::string> found;
        for (const auto& file : read(names).plans) found.push_back(shown(file.name));
        return found;
    }

    platform::TemporaryDirectory dir_;
};

constexpr const char* kAction =
    "action: look\nsummary: x\nclass: idempotent\nfiles: [look.sh]\ndo: {facts: {}}\n";

TEST_F(PlanFiles, AreThoseNamedAndThoseIncluded) {
    write("more/b.yaml", "include: [./c.yaml, deep/../c.yaml, deep]\n");
    write("more/c.yaml", "include: [b.yaml]\n");
    write("more/deep/d.yml", "sites: {}\n");
    write("more/notes.txt", "no plan\n");
    write("top.yaml", "include: [more/b.yaml, more]\n");
    EXPECT_THAT(plans({"plan.yaml", "top.yaml"}),
                ElementsAre("plan.yaml", "top.yaml", "more/b.yaml", "more/c.yaml", "more/deep/d.yml"));
    EXPECT_THAT(plans({"more"}), ElementsAre("more/b.yaml", "more/c.yaml", "more/deep/d.yml"));
    EXPECT_THAT(faults({"plan.yaml", "top.yaml", "more"}), IsEmpty());
}

TEST_F(PlanFiles, NameTheFileThatIsNotThereAndReadTheOthers) {
    make_folder("empty");
    EXPECT_THAT(faults({"nothere.yaml", "plan.yaml", "empty", "no/where.yaml"}),
                ElementsAre("nothere.yaml:1:1: error E025: the file is not there",
                            "empty:1:1: error E025: the folder has no .yaml file in it",
                            "no/where.yaml:1:1: error E025: the file is not there"));
    EXPECT_THAT(plans({"nothere.yaml", "plan.yaml"}), ElementsAre("plan.yaml"));
}

TEST_F(PlanFiles, ReportAMissingIncludeWhereItIsWritten) {
    make_folder("empty");
    write("top.yaml", "hosts: {}\ninclude:\n  - plan.yaml\n  - gone.yaml\n  - empty\n");
    EXPECT_THAT(faults({"top.yaml"}), ElementsAre("top.yaml:5:5: error E025: 'empty' has no .yaml file in it",
                                                  "top.yaml:4:5: error E025: 'gone.yaml' is not there"));
    EXPECT_THAT(plans({"top.yaml"}), ElementsAre("top.yaml", "plan.yaml"));
}

TEST_F(PlanFiles, ReadTheCalendarsThatAreImportedBesideTheFileThatNamesThem) {
    write("top.yaml",
          "include: [more/b.yaml]\ncalendars: {a: {import: [days.ics, ../days.ics, gone.ics]}}\n");
    write("more/b.yaml", "calendars: {b: {import: ./days.ics}}\n");
    write("days.ics", "top\n");
    write("more/days.ics", "more\n");
    const planning::PlanSources sources = read({"top.yaml"});
    EXPECT_EQ(sources.calendars.at(path("top.yaml")).at("days.ics").text, "top\n");
    EXPECT_EQ(shown(sources.calendars.at(path("more/b.yaml")).at("./days.ics").name), "more/./days.ics");
    EXPECT_EQ(sources.calendars.at(path("more/b.yaml")).at("./days.ics").text, "more\n");
    EXPECT_THAT(faults({"top.yaml"}), ElementsAre("top.yaml:2:49: error E025: 'gone.ics' is not there"));
}

TEST_F(PlanFiles, FollowLinksThatStayAndRefuseThoseThatLeave) {
    write("outside/secret.yaml", "secret: yes\n");
    write("estate/here.yaml", "sites: {}\n");
    link("here.yaml", "estate/same.yaml");
    link("../outside/secret.yaml", "estate/there.yaml");
    link(path("outside"), "estate/folder");
    link("nowhere.yaml", "estate/z-broken.yaml");
    EXPECT_THAT(plans({"estate"}), ElementsAre("estate/here.yaml"));
    EXPECT_THAT(faults({"estate"}),
                ElementsAre("estate/there.yaml:1:1: error E014: the file leaves its root: it is "
                            "'outside/secret.yaml'",
                            "estate/z-broken.yaml:1:1: error E025: the file is not there"));
    write("estate/top/plan.yaml", "include: [part.yaml, away/secret.yaml]\n");
    link("../here.yaml", "estate/top/part.yaml");
    link(path("outside"), "estate/top/away");
    EXPECT_THAT(
        faults({"estate/top/plan.yaml"}),
        ElementsAre("estate/top/plan.yaml:1:11: error E014: 'part.yaml' leaves its root: it is "
                    "'estate/here.yaml'",
                    "estate/top/plan.yaml:1:22: error E014: 'away/secret.yaml' leaves its root: it is "
                    "'outside/secret.yaml'"));
}

// Whoever names a link means what it leads to; what that includes stands beside the link.
TEST_F(PlanFiles, ANamedLinkIsFollowed) {
    write("store/v7.yaml", "include: [more.yaml]\n");
    write("current/more.yaml", "sites: {}\n");
    link("../store/v7.yaml", "current/plan.yaml");
    link("store", "store-link");
    EXPECT_THAT(plans({"current/plan.yaml"}), ElementsAre("current/plan.yaml", "current/more.yaml"));
    EXPECT_THAT(plans({"store-link/v7.yaml"}), ElementsAre("store-link/v7.yaml"));
}

TEST_F(PlanFiles, LinksInAnActionsFolderAreNotRead) {
    write("outside/shadow", "root:x\n");
    write("actions/look/action.yaml", kAction);
    write("actions/look/notes", "notes\n");
    link(path("outside/shadow"), "actions/look/look.sh");
    const auto sources = read({"plan.yaml"});
    EXPECT_THAT(sources.faults, IsEmpty());
    EXPECT_THAT(sources.action_files.at("look"), ElementsAre(std::pair("notes", "notes\n")));
    EXPECT_THAT(sources.action_links.at("look"), ElementsAre(std::pair("look.sh", path("outside/shadow"))));
}

TEST_F(PlanFiles, FoldersOfTheLibraryThatLeaveAreRefused) {
    write("outside/move.yaml", "runbook: move\n");
    write("outside/look/action.yaml", kAction);
    link(path("outside"), "runbooks");
    link(path("outside/look"), "actions/look");
    write("actions/see/action.yaml", kAction);
    EXPECT_THAT(
        faults({"plan.yaml"}),
        ElementsAre("runbooks:1:1: error E014: the folder leaves its root: it is 'outside'",
                    "actions/look:1:1: error E014: the folder leaves its root: it is 'outside/look'"));
    ASSERT_EQ(read({"plan.yaml"}).actions.size(), 1U);
    EXPECT_EQ(shown(read({"plan.yaml"}).actions[0].name), "actions/see/action.yaml");
}

TEST_F(PlanFiles, AnActionWithTheNameOfOneOfTheLibraryIsRefusedWithBothPlaces) {
    write("library/actions/look/action.yaml", kAction);
    write("actions/look/action.yaml", kAction);
    write("actions/see/action.yaml", kAction);
    EXPECT_THAT(
        faults({"plan.yaml"}),
        ElementsAre("actions/look/action.yaml:1:1: error E007: action 'look' is defined twice (also at "
                    "library/actions/look/action.yaml:1:1; meant: a name of its own)"));
    EXPECT_EQ(read({"plan.yaml"}).actions.size(), 2U) << "see, and one look";
}

TEST_F(PlanFiles, APlanInTheLibrarysOwnFolderReadsItsActionsOnce) {
    write("library/actions/look/action.yaml", kAction);
    write("library/plan.yaml", "ararat: v1\nprogramme: {name: x}\n");
    link("library", "other-way");
    EXPECT_THAT(faults({"library/plan.yaml"}), IsEmpty());
    EXPECT_THAT(faults({"other-way/plan.yaml"}), IsEmpty());
    EXPECT_EQ(read({"other-way/plan.yaml"}).actions.size(), 1U);
}

TEST_F(PlanFiles, AnActionsOwnFilesNeverLeaveItsFolder) {
    write("outside/tool.sh", "#!/bin/sh\n");
    write(
        "actions/look/action.yaml",
        "action: look\nsummary: x\nclass: idempotent\nfiles: [tool.sh]\ndo: {run: [\"${file.tool.sh}\"]}\n");
    link("../../outside/tool.sh", "actions/look/tool.sh");
    PlanOptions options;
    options.files = {path("plan.yaml")};
    options.library = path(kEmptyLibrary);
    const auto compiled = compile_plan(options);
    ASSERT_FALSE(compiled.ok());
    EXPECT_THAT(shown(compiled.error().message), HasSubstr("actions/look/action.yaml:4:9: error"));
    EXPECT_THAT(shown(compiled.error().message), HasSubstr("outside/tool.sh")) << "where the link ends";
}

TEST_F(PlanFiles, ALibraryThatIsNamedHasToBeThere) {
    const auto sources = read_plan_sources({path("plan.yaml")}, path("no-library"));
    ASSERT_EQ(sources.faults.size(), 1U);
    EXPECT_EQ(shown(to_string(sources.faults[0])), "no-library:1:1: error E025: the folder is not there");
}

TEST_F(PlanFiles, TheirFaultsAreReportedWithTheOthersAndExitAsBadInput) {
    write("top.yaml", "ararat: v1\nprogramme: {name: X}\ninclude: [gone.yaml]\n");
    PlanOptions options;
    options.files = {path("top.yaml")};
    options.library = path(kEmptyLibrary);
    const auto compiled = compile_plan(options);
    ASSERT_FALSE(compiled.ok());
    EXPECT_EQ(exit_code_of_compile(compiled.error()), ExitCode::kInvalid);
    EXPECT_EQ(shown(compiled.error().message),
              "top.yaml:2:19: error E012: key 'name': 'X' is not an identifier: U+0058 'X' at character 1 "
              "(allowed are a-z, 0-9, '.', '_' and '-')\n"
              "top.yaml:3:11: error E025: 'gone.yaml' is not there");
}

}  // namespace
}  // namespace ararat::cli
