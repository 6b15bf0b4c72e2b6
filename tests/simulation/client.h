#pragma once

// Clients outside, each with a ledger of what it sent and what it was answered. They use any replica, give up waiting,
// try again with the same command id elsewhere, and sometimes send to two replicas at once.
//
// A ledger is judged against the history in the end:
//   acknowledged   exactly one effect, at the version that was acknowledged; none if the command can be nothing to do
//   refused        none
//   unknown        none or one
// A refusal speaks for all attempts that the same replica had got, unknown ones included. If another replica, or this
// one before it was killed, left an attempt unknown, that commit may still come; only once everything has come
// (settled) does a refusal speak for those, too.

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
  bool may_be_nothing = false;  // such a command may be acknowledged without an effect
  runtime::Role role = common::v1::ROLE_REP;
  // Gives the command to a node once.
  std::function<void(Node&, runtime::Caller, absl::Time deadline, OnReply)> send;

  bool acknowledged = false;
  bool refused = false;
  uint64_t version = 0;  // as acknowledged
  int attempts = 0;
  // Attempts without an answer, up to now, and on which life of which node: that one knows of them. An attempt that
  // came while the node was paused stands for itself.
  int unknown = 0;
  std::multiset<std::pair<int, int>> unknown_at;
  bool refused_while_unknown = false;
  bool settled = false;  // the last answer came when nothing was under way any more
};

class Client {
 public:
  Client(World& world, std::string name) : world_(world), name_(std::move(name)) {}

  // Sends it, and again until it is answered or the client gives up.
  void Give(Entry entry);
  // Once all is well: asks again for what is unknown, most of it.
  void AskAgain();
  void Check(const History& history);

  // Called with each acknowledged entry and the token.
  std::function<void(const Entry&, const std::string& token)> on_acknowledged;
  const std::deque<Entry>& ledger() const { return ledger_; }
  const std::string& name() const { return name_; }

 private:
  // Which attempt an answer is about.
  struct Answering {
    std::pair<int, int> at;
    int attempts;  // that had been sent when the replica answered
    bool settling;
    bool sent_acknowledged;  // sent after an acknowledgement of another attempt
  };

  void Attempt(Entry& entry, Node& node, bool settling);
  void Answered(Entry& entry, const Reply& reply, const Answering& answering);
  void Unanswered(Entry& entry, bool settling);
  // A client stays with a node for a while, so that its commands are decided on one another before they are folded.
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

// The course of a simulation: faults for a while, `over` is set, all is healed, and what is unknown is asked for again.
void RunToTheEnd(World& world, const std::vector<std::unique_ptr<Client>>& clients, bool& over);

}  // namespace throughline::simulation
