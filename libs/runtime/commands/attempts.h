#pragma once

// Commands that nobody outside waits for: reactions and timers. Gives each to the writer, and again after a pause while
// it could not be settled. The engine's thread.

#include <map>

#include "libs/runtime/commands/backoff.h"
#include "libs/runtime/commands/command_processor.h"

namespace throughline::runtime {

class Attempts {
 public:
  // `accepted`: it took effect, or there was nothing to do; otherwise it was refused.
  using Over = std::function<void(bool accepted)>;

  Attempts(CommandProcessor& commands, const Clock& clock) : commands_(commands), clock_(clock) {}

  void Begin(CommandPtr command, Over over);
  // Tries again what is due; to be called now and then.
  void Step();
  size_t outstanding() const { return outstanding_; }

 private:
  struct Attempt {
    CommandPtr command;
    Over over;
    Backoff backoff;
  };
  void Try(Attempt attempt);

  CommandProcessor& commands_;
  const Clock& clock_;
  std::multimap<absl::Duration, Attempt> later_;  // by steady time
  size_t outstanding_ = 0;
  // Outcomes that come after the end are ignored.
  const std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace throughline::runtime
