#pragma once

// Clients, each with a ledger of what it sent and the responses. They use any replica, time out, retry elsewhere with
// the same command id, and sometimes send to two replicas at once.
//
// At the end a ledger is compared with the history:
//   acknowledged   exactly one effect, at the acknowledged version; none if the command may be a no-op
//   refused        none
//   unknown        none or one
// A refusal covers all attempts that the same replica had received, also unknown ones. If an attempt is unknown at
// another replica, or was at this one before it was killed, its commit may still arrive; a refusal covers those
// attempts only when everything has arrived (settled).

#include <deque>
#include <set>

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace throughline::simulation {

struct Reply {
  absl::Status status;
  uint64_t version = 0;
  std::string token{};
};
using OnReply = std::function<void(Reply)>;

// One entry of a ledger.
struct Entry {
  std::string stream;
  std::string command_id;
  std::string what;             // for the trace
  bool may_be_nothing = false;  // may be acknowledged without an effect
  runtime::Role role = common::v1::ROLE_REP;
  // Sends the command to a node once.
  std::function<void(Node&, runtime::Caller, absl::Time deadline, OnReply)> send;

  bool acknowledged = false;
  bool refused = false;
  uint64_t version = 0;  // as acknowledged
  int attempts = 0;
  // Unanswered attempts so far, and the life of the node that received them: it knows of them. An attempt that arrived
  // while the node was paused counts separately.
  int unknown = 0;
  std::multiset<std::pair<int, int>> unknown_at;
  bool refused_while_unknown = false;
  bool settled = false;  // the last answer came when nothing was in flight
};

class Client {
 public:
  Client(World& world, std::string name) : world_(world), name_(std::move(name)) {}

  // Sends it, and retries until it is answered or the client gives up.
  void Give(Entry entry);
  // After all faults: sends most of the unknown commands again.
  void AskAgain();
  void Check(const History& history);

  // Called with each acknowledged entry and its token.
  std::function<void(const Entry&, const std::string& token)> on_acknowledged;
  const std::deque<Entry>& ledger() const { return ledger_; }
  const std::string& name() const { return name_; }

 private:
  // The attempt that an answer belongs to.
  struct Answering {
    std::pair<int, int> at;
    int attempts;  // sent before the replica answered
    bool settling;
    bool sent_acknowledged;  // sent after another attempt was acknowledged
  };

  void Attempt(Entry& entry, Node& node, bool settling);
  void Answered(Entry& entry, const Reply& reply, const Answering& answering);
  void Unanswered(Entry& entry, bool settling);
  // A client stays with a node for a while, so that commands are decided on commits that are not folded yet.
  Node& NodeToAsk() {
    if (world_.random().Chance(0.2)) home_ = static_cast<size_t>(world_.random().Below(World::kNodes));
    return world_.node(home_);
  }
  Node& AnyNode() { return world_.node(static_cast<size_t>(world_.random().Below(World::kNodes))); }

  World& world_;
  const std::string name_;
  size_t home_ = 0;
  std::deque<Entry> ledger_;  // entries do not move
};

// Runs a simulation: faults for a while, then `over` is set, all faults end, and unknown commands are sent again.
void RunToTheEnd(World& world, const std::vector<std::unique_ptr<Client>>& clients, bool& over);

}  // namespace throughline::simulation
