#pragma once

// The commands under way: taken, and not yet answered. The engine's thread.
//
// What moves a command from one state to the next is in command_processor.cc, and nowhere else:
//
//   state          it waits for                               next
//   kBehindSame    the same command, which came before it     kToDecide; or answered with that one's refusal
//   kToDecide      its turn                                   decided on what is in flight: kAppended, kBehindCommit,
//                                                             kDoubtful or kBehindEnd
//   kAppended      its commit to be folded                    answered; or kToDecide, if the commit is void
//   kBehindCommit  a commit in flight of the same command     kToDecide
//   kDoubtful      the commit in flight because of which      kToAskForEnd
//                  it adds nothing, and which may yet lose
//   kToAskForEnd   its turn                                   kBehindEnd
//   kBehindEnd     the fold to reach the end of the log       decided on what is folded: answered; or kBehindEnd again
//   kAnswered      nothing
//
// Besides, a command is answered from any state when it fails, and expires where only the log holds it up.

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"

#include "libs/runtime/commands/command.h"

namespace throughline::runtime {

struct CommandUnderWay {
  enum class State {
    kBehindSame,
    kToDecide,
    kAppended,
    kBehindCommit,
    kDoubtful,
    kToAskForEnd,
    kBehindEnd,
    kAnswered,
  };

  CommandPtr command;
  std::string name;  // stream, caller and command id: equal for the same command given again
  uint64_t arrival = 0;
  State state = State::kToDecide;
  int attempts = 0;       // decisions on what is in flight
  size_t same_asked = 0;  // how many of the same request waited behind it when it last asked for the end of the log
};
using CommandUnderWayPtr = std::shared_ptr<CommandUnderWay>;

class CommandsUnderWay {
 public:
  // One caller may have half of `limit`: a caller that floods leaves room for the others.
  explicit CommandsUnderWay(size_t limit) : limit_(limit) {}

  size_t size() const { return size_; }

  // In state kToDecide, or kBehindSame. RESOURCE_EXHAUSTED: too many are under way.
  absl::StatusOr<CommandUnderWayPtr> Add(CommandPtr command);

  // How many commands wait behind this one and ask for the same.
  size_t SameRequests(const CommandUnderWay& entry) const;

  // Those that wait behind a command that is answered. They wait because none of them must be refused while another one
  // may yet take effect.
  struct Behind {
    std::vector<CommandUnderWayPtr> refused;  // removed, too: the same request, refused with it
    CommandUnderWayPtr next;                  // takes its place; may be null
  };
  Behind Remove(const CommandUnderWay& entry, bool refused);

  // Those past their deadline that only the log holds up, in order of arrival. Those of them that wait behind the same
  // command do so no longer.
  std::vector<CommandUnderWayPtr> TakeExpired(absl::Time now);

  // All, in order of arrival; none waits behind another any more.
  std::vector<CommandUnderWayPtr> TakeAll();

 private:
  // The one that is under way by this name, and behind it those that wait for its answer. Never empty.
  using Group = absl::InlinedVector<CommandUnderWayPtr, 1>;

  const size_t limit_;
  size_t size_ = 0;
  uint64_t arrivals_ = 0;
  absl::flat_hash_map<std::string, Group> groups_;       // by name
  absl::flat_hash_map<std::string, size_t> of_callers_;  // how many of each caller; none is 0
};

}  // namespace throughline::runtime
