#pragma once

// Commands of reactions and timers, for which no caller waits. Gives each to the command processor, and gives it again
// after a pause until it is accepted or refused. The engine's thread.

#include <map>

#include "libs/runtime/commands/backoff.h"
#include "libs/runtime/commands/command_processor.h"

namespace throughline::runtime {

class Attempts {
 public:
  // `accepted`: the command took effect, or there was nothing to do. Otherwise it was refused.
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
  // Answers that come after the destructor are ignored.
  const std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace throughline::runtime
