#include "verb_world.h"

#include <sys/stat.h>
#include <unistd.h>

namespace ararat::agent {

VerbWorld::VerbWorld()
    : place_(platform::TemporaryDirectory::make("verbs").value()),
      cancel_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      interrupt_(cancel_fd_.get(), clock_),
      context_{interrupt_,
               [this](std::string_view bytes) { printed_ += bytes; },
               {{"PATH", "/usr/bin:/bin"}},
               place_.path() + "/saved",
               "p|run|task",
               "run",
               "/usr/local/bin/ararat-agent",
               "/etc",
               clock_.boottime() + Duration{60'000}} {}

VerbResult VerbWorld::perform(const Operation& operation) { return perform_verb(operation, context_); }

void VerbWorld::cancel() {
    const std::uint64_t one = 1;
    ARARAT_CHECK(::write(cancel_fd_.get(), &one, sizeof one) == sizeof one, "an eventfd takes one");
}

void VerbWorld::write(const std::string& name, const std::string& content, unsigned mode) {
    const auto written = platform::write_file_durable(path(name), content, mode);
    ARARAT_CHECK(written.ok(), "the temporary place can be written");
    ARARAT_CHECK(chmod(path(name).c_str(), mode) == 0, "the temporary place is ours");
}

std::string VerbWorld::read(const std::string& name) const {
    const auto bytes = platform::read_file(path(name));
    return bytes.ok() ? bytes.value() : "(" + bytes.error().text() + ")";
}

Operation run_operation(std::vector<std::string> argv) {
    Operation operation;
    operation.argv = std::move(argv);
    return operation;
}

Operation field_operation(Verb verb, std::map<std::string, std::string> fields) {
    Operation operation;
    operation.verb = verb;
    operation.fields = std::move(fields);
    return operation;
}

}  // namespace ararat::agent
