#include "tests/simulation/client.h"

namespace throughline::simulation {
namespace {

// Whether the outcome of the command is unknown after this status.
bool LeavesOpen(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

// Whether the command certainly had no effect, and a retry makes sense.
bool IsBusy(const absl::Status& status) { return absl::IsResourceExhausted(status) || absl::IsAborted(status); }

constexpr int kPatience = 8;  // attempts
constexpr absl::Duration kTrouble = absl::Seconds(8);
constexpr absl::Duration kQuiet = absl::Seconds(12);

}  // namespace

void Client::Give(Entry entry) {
  Entry& kept = ledger_.emplace_back(std::move(entry));
  world_.Trace([&] { return name_ + " gives " + kept.what + " to " + kept.stream + " as " + kept.command_id; });
  Attempt(kept, NodeToAsk(), false);
  if (world_.random().Chance(0.05)) Attempt(kept, AnyNode(), false);
}

void Client::Attempt(Entry& entry, Node& node, bool settling) {
  ++entry.attempts;
  if (!node.up()) {  // the node is down
    world_.After(absl::Milliseconds(1), [this, &entry, settling] { Unanswered(entry, settling); });
    return;
  }
  ++entry.unknown;
  // A paused process has not read the request yet: a refusal that it sends meanwhile is not about this attempt.
  const std::pair<int, int> at{node.id, world_.IsPaused(node) ? -entry.attempts : node.life};
  entry.unknown_at.insert(at);
  // Finished: answered, or given up.
  auto over = std::make_shared<bool>(false);
  world_.After(absl::Seconds(2), [this, &entry, over, settling] {
    if (std::exchange(*over, true)) return;
    Unanswered(entry, settling);
  });
  const bool lost = !settling && world_.random().Chance(0.05);
  runtime::Caller caller;
  caller.id = name_;
  caller.roles = {entry.role};
  caller.command_id = entry.command_id;
  caller.time = node.clock.Now();
  entry.send(
      node, std::move(caller), node.clock.Now() + absl::Seconds(2),
      [this, &entry, &node, at, life = node.life, over, lost, settling, again = entry.acknowledged](Reply reply) {
        // The response is lost: the replica crashed, or the network dropped it.
        if (lost || life != node.life) return;
        world_.After(absl::Milliseconds(1),
                     [this, &entry, at, over, settling, again, reply, attempts = entry.attempts] {
                       if (!std::exchange(*over, true)) Answered(entry, reply, {at, attempts, settling, again});
                     });
      });
}

void Client::Answered(Entry& entry, const Reply& reply, const Answering& answering) {
  world_.Trace([&] {
    return name_ + " hears of " + entry.command_id + ": " +
           (reply.status.ok()
                ? "version " + std::to_string(reply.version)
                : absl::StatusCodeToString(reply.status.code()) + " " + std::string(reply.status.message()));
  });
  if (LeavesOpen(reply.status)) return Unanswered(entry, answering.settling);
  --entry.unknown;
  if (auto known = entry.unknown_at.find(answering.at); known != entry.unknown_at.end()) entry.unknown_at.erase(known);
  if (IsBusy(reply.status)) return Unanswered(entry, answering.settling);
  entry.settled = answering.settling;
  if (reply.status.ok()) {
    if (entry.refused && !entry.refused_while_unknown) {
      world_.Violation(entry.command_id + " was refused and then acknowledged, with no attempt left open");
    }
    if (entry.acknowledged && entry.version != reply.version && !entry.may_be_nothing) {
      world_.Violation(entry.command_id + " was acknowledged as version " + std::to_string(entry.version) + " and as " +
                       std::to_string(reply.version));
    }
    entry.acknowledged = true;
    entry.version = reply.version;
    if (on_acknowledged) on_acknowledged(entry, reply.token);
    return;
  }
  if (answering.sent_acknowledged && !entry.may_be_nothing) {
    world_.Violation(entry.command_id + " was acknowledged, given again, and refused: " + reply.status.ToString());
  }
  if (entry.acknowledged) return;  // another attempt was answered before
  entry.refused = true;
  entry.refused_while_unknown |= entry.unknown_at.size() > entry.unknown_at.count(answering.at) ||
                                 entry.attempts > answering.attempts;  // it was sent after the refusal
}

void Client::Unanswered(Entry& entry, bool settling) {
  if (entry.acknowledged || entry.refused) return;
  if (settling) {
    if (entry.attempts > 50) return;  // Check reports that it was never settled
  } else if (entry.attempts >= kPatience || world_.random().Chance(0.1)) {
    return;
  }
  world_.After(absl::Milliseconds(10 + world_.random().Below(400)), [this, &entry, settling] {
    if (!entry.acknowledged && !entry.refused) Attempt(entry, AnyNode(), settling);
  });
}

void Client::AskAgain() {
  for (Entry& entry : ledger_) {
    entry.unknown = 0;  // everything has arrived by now
    entry.unknown_at.clear();
    const bool open = !entry.acknowledged && !entry.refused;
    if (open ? !world_.random().Chance(0.8) : !world_.random().Chance(0.1)) continue;
    if (entry.refused) continue;  // a new attempt may rightly succeed, so it would prove nothing
    if (open) entry.attempts = 0;
    Attempt(entry, AnyNode(), true);
    entry.settled = open;
  }
}

void Client::Check(const History& history) {
  for (const Entry& entry : ledger_) {
    const std::vector<uint64_t> versions = history.VersionsOf(entry.stream, entry.command_id);
    const std::string what = entry.what + " as " + entry.command_id + " on " + entry.stream;
    if (versions.size() > 1) world_.Violation(what + " has " + std::to_string(versions.size()) + " effects");
    if (entry.acknowledged && versions.empty() && !entry.may_be_nothing) {
      world_.Violation(what + " was acknowledged and has no effect");
    }
    if (entry.acknowledged && !versions.empty() && !entry.may_be_nothing && versions[0] != entry.version) {
      world_.Violation(what + " was acknowledged as version " + std::to_string(entry.version) + " and is " +
                       std::to_string(versions[0]));
    }
    if (entry.refused && !entry.acknowledged && !versions.empty() && (!entry.refused_while_unknown || entry.settled)) {
      world_.Violation(what + " was refused and has an effect");
    }
    if (entry.refused && !entry.acknowledged && !versions.empty()) {
      world_.Trace([&] { return what + ": one attempt was refused, and an earlier one came late"; });
    }
    if (entry.settled && !entry.acknowledged && !entry.refused) world_.Violation(what + " could not be settled");
  }
}

void RunToTheEnd(World& world, const std::vector<std::unique_ptr<Client>>& clients, bool& over) {
  world.Run(kTrouble);
  over = true;
  world.Settle();
  world.Run(kQuiet);
  for (const auto& client : clients) client->AskAgain();
  world.Run(kQuiet);
}

}  // namespace throughline::simulation
