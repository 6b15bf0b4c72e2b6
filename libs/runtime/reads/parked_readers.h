#pragma once

// Reads that wait until the positions of their token are folded. Nearly every token names records that are about to
// arrive, so the log is not asked at first. Only a token that has waited for a while is compared with the end of the
// log, to see whether it is ahead of it. The engine's thread.

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

  // OK once all `places` are folded. INVALID_ARGUMENT, after a while: one is ahead of the log. DEADLINE_EXCEEDED.
  // `field` is the request's field that the places were given in.
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
  // Answers those for which `judge` is true with the status that it sets.
  void Answer(const std::function<bool(Reader&, absl::Status&)>& judge);

  log::EventLog& log_;
  const Positions& positions_;
  const std::shared_ptr<Inbox> inbox_;
  std::vector<ReaderPtr> readers_;
};

}  // namespace throughline::runtime
