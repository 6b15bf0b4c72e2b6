#pragma once

// Reads that wait until what a token names has been folded. Nobody asks the log meanwhile, as nearly every token names
// what is about to come; only a token that has been waited for in vain for a while is held against the log's end. The
// engine's thread.

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/positions.h"
#include "libs/runtime/inbox.h"

namespace throughline::runtime {

class ParkedReaders {
 public:
  using Done = std::function<void(absl::Status)>;

  // All must outlive it; `inbox` brings the log's answers to this thread.
  ParkedReaders(log::EventLog& log, const Positions& positions, std::shared_ptr<Inbox> inbox)
      : log_(log), positions_(positions), inbox_(std::move(inbox)) {}

  // OK once all `places` are folded. INVALID_ARGUMENT: one is ahead of the log, which is said after a while only;
  // DEADLINE_EXCEEDED. `field` is what the places were given as.
  void Park(std::vector<log::Position> places, std::string field, absl::Time now, absl::Time deadline, Done done);
  bool empty() const { return readers_.empty(); }
  // To be called after each fold step.
  void Folded();
  // Answers those past their deadline; to be called now and then.
  void Expire(absl::Time now);
  // Answers all with `status`.
  void Fail(const absl::Status& status);

 private:
  struct Reader {
    std::vector<log::Position> places;  // not folded yet
    std::string field;
    absl::Time since;
    absl::Time deadline;
    Done done;
    bool doubted = false;  // the log was asked
  };
  using ReaderPtr = std::shared_ptr<Reader>;

  void Doubt(const ReaderPtr& reader);
  // Takes out those of whom `judge` has something to say, and tells them.
  void Answer(const std::function<bool(Reader&, absl::Status&)>& judge);

  log::EventLog& log_;
  const Positions& positions_;
  const std::shared_ptr<Inbox> inbox_;
  std::vector<ReaderPtr> readers_;
};

}  // namespace throughline::runtime
