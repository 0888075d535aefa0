// The fuzz targets without a fuzzer, for builds without clang: every corpus file once, then a number of
// mutations of them that depend on nothing but the seed.
//   fuzz_regress CORPUS [--mutations N] [--seed S] [--keep FOLDER] [TARGET...]
// Where an input breaks something it is kept in FOLDER, and its path printed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/fuzz/target.h"

namespace ararat::fuzzing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytesMax = 16 * 1024;

struct Options {
    fs::path corpus;
    std::size_t mutations = 20'000;
    std::uint64_t seed = 1;
    std::string keep = ".";
    std::vector<std::string> targets;  // empty: all
};

// What the signal handler needs: it may not allocate.
struct UnderWay {
    char path[512] = {};
    const std::string* input = nullptr;
};
UnderWay under_way;

extern "C" void keep_input(int signal) {
    const int file = ::open(under_way.path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0 && under_way.input != nullptr) {
        (void)!::write(file, under_way.input->data(), under_way.input->size());
        (void)!::write(STDERR_FILENO, "kept: ", 6);
        (void)!::write(STDERR_FILENO, under_way.path, std::strlen(under_way.path));
        (void)!::write(STDERR_FILENO, "\n", 1);
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

class Mutator {
public:
    Mutator(std::uint64_t seed, const std::vector<std::string>& corpus) : dice_(seed), corpus_(corpus) {}

    std::string next() {
        std::string bytes = corpus_[below(corpus_.size())];
        for (std::size_t edits = 1 + below(6); edits > 0; --edits) edit(bytes);
        if (bytes.size() > kBytesMax) bytes.resize(kBytesMax);
        return bytes;
    }

private:
    // Not std::uniform_int_distribution: it differs between libraries.
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : dice_() % bound; }

    void edit(std::string& bytes) {
        const std::size_t at = below(bytes.size() + 1);
        const std::size_t most = std::min<std::size_t>(bytes.size() - at, 32);
        switch (below(7)) {
            case 0:
                if (at < bytes.size())
                    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << below(8)));
                break;
            case 1:
                if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
                break;
            case 2: bytes.insert(at, 1, static_cast<char>(below(256))); break;
            case 3: bytes.erase(at, below(most + 1)); break;
            case 4: bytes.insert(at, bytes.substr(at, below(most + 1))); break;
            case 5: {
                const std::string& other = corpus_[below(corpus_.size())];
                bytes.insert(at, other.substr(below(other.size() + 1), below(64)));
                break;
            }
            default: {
                static const std::vector<std::string> kWords = {
                    "-1", "0",  "4294967296", "9223372036854775807", "-9223372036854775808", "\xff", "${",
                    "}",  "\n", ": ",         std::string(1, '\0')};
                bytes.insert(at, kWords[below(kWords.size())]);
            }
        }
    }

    std::mt19937_64 dice_;
    const std::vector<std::string>& corpus_;
};

std::vector<std::string> read_corpus(const fs::path& folder) {
    std::vector<fs::path> paths;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> corpus;
    for (const fs::path& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return corpus;
}

void run_one(const Target& target, const std::string& input) {
    under_way.input = &input;
    target.run(input);
    under_way.input = nullptr;
}

bool run_target(const Target& target, const Options& options) {
    const std::string name(target.name);
    const std::vector<std::string> corpus = read_corpus(options.corpus / name);
    if (corpus.empty()) {
        std::fprintf(stderr, "%s: no corpus, so nothing was tried\n", name.c_str());
        return false;
    }
    std::snprintf(under_way.path, sizeof under_way.path, "%s/%s-crash", options.keep.c_str(), name.c_str());
    const auto began = std::chrono::steady_clock::now();
    for (const std::string& input : corpus) run_one(target, input);
    Mutator mutator(options.seed, corpus);
    for (std::size_t i = 0; i < options.mutations; ++i) run_one(target, mutator.next());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%s: %zu corpus files and %zu mutations (seed %llu) in %.1f s\n", name.c_str(), corpus.size(),
                options.mutations, static_cast<unsigned long long>(options.seed), took.count());
    std::fflush(stdout);
    return true;
}

Options read_options(const std::vector<std::string>& arguments) {
    Options options;
    options.corpus = arguments.empty() ? "." : arguments.front();
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const bool has_value = i + 1 < arguments.size();
        if (arguments[i] == "--mutations" && has_value) {
            options.mutations = std::stoull(arguments[++i]);
        } else if (arguments[i] == "--seed" && has_value) {
            options.seed = std::stoull(arguments[++i]);
        } else if (arguments[i] == "--keep" && has_value) {
            options.keep = arguments[++i];
        } else {
            options.targets.push_back(arguments[i]);
        }
    }
    return options;
}

int run(const Options& options) {
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, keep_input);
    fs::create_directories(options.keep);
    std::size_t tried = 0;
    bool all_well = true;
    for (const Target& target : all_targets()) {
        const auto& wanted = options.targets;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), target.name) == wanted.end()) continue;
        ++tried;
        all_well = run_target(target, options) && all_well;
    }
    if (tried == 0 || (!options.targets.empty() && tried != options.targets.size())) {
        std::fprintf(stderr, "there is no target of such a name\n");
        return 3;
    }
    return all_well ? 0 : 1;
}

}  // namespace
}  // namespace ararat::fuzzing

int main(int argc, char** argv) {
    return ararat::fuzzing::run(ararat::fuzzing::read_options({argv + 1, argv + argc}));
}
