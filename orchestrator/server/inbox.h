// The engine's inbox: what adapters post, in order, bounded. When it is full people are refused; hosts are
// not, up to a far higher bound, because what they report has happened already.
// Thread promise: any thread puts, one thread takes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "execution/input.h"
#include "execution/record.h"

namespace ararat::server {

struct EngineView;

// What an input came to: the records made of it, durable.
struct Committed {
    std::uint64_t sequence = 0;  // of the commit's last record
    std::vector<execution::RecordBody> records;
};
using Reply = std::function<void(Result<Committed>)>;

struct Submission {
    execution::Input input;
    Reply reply;  // empty: nobody waits
};
using Query = std::function<void(const EngineView&)>;
// From here on nothing is decided any more.
struct StopWriting {
    std::string why;
};
using Letter = std::variant<Submission, Query, StopWriting>;

inline constexpr std::size_t kPeopleLettersMax = 4'096;
inline constexpr std::size_t kHostLettersMax = 262'144;
inline constexpr std::size_t kBatchMax = 512;

class Inbox {
public:
    // False: full or closed; the letter was not taken.
    bool put_from_people(Letter letter);
    bool put_from_host(execution::Input input);
    bool put(StopWriting stop);  // also where it is full

    // At most kBatchMax letters; waits for `timeout` at most, then none. Nothing more to come: closed().
    [[nodiscard]] std::vector<Letter> take(Duration timeout);
    void close();
    [[nodiscard]] bool closed() const;
    // What was not taken before the close.
    [[nodiscard]] std::vector<Letter> drain();

private:
    bool put(Letter letter, std::size_t bound);

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Letter> letters_;
    bool closed_ = false;
};

}  // namespace ararat::server
