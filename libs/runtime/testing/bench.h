#pragma once

// What most tests of the runtime begin with: the accounts on a scripted log, in one or more replicas.

#include <gtest/gtest.h>

#include "libs/log/partitioner.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/domain/time.h"
#include "libs/runtime/testing/account.h"
#include "libs/runtime/testing/replica.h"
#include "libs/runtime/testing/scripted_log.h"
#include "libs/store/memory_key_value.h"

namespace throughline::runtime::testing {

// Assigns partitions as the test says, as soon as the replica takes part.
class ScriptedAssignment : public log::PartitionAssignment {
 public:
  void Start(Changed changed) override {
    changed_ = std::move(changed);
    if (held_) changed_(*held_);
  }
  void Checkpoint(const std::vector<log::Position>& done) override {
    for (const log::Position& position : done) committed[position.partition] = position.offset;
  }
  void Hold(const std::vector<log::Position>& held) {
    held_ = held;
    if (started()) changed_(held);
  }
  // As after a crash.
  void Leave() {
    changed_ = nullptr;
    held_.reset();
  }
  bool started() const { return changed_ != nullptr; }

  std::map<log::Partition, int64_t> committed;

 private:
  Changed changed_;
  std::optional<std::vector<log::Position>> held_;
};

// Takes what is published, or refuses it from some moment on, or keeps it waiting.
class ScriptedFeed : public log::EventFeed {
 public:
  void Publish(log::FeedEvent event, Done done) override {
    if (!answers) {
      waiting.emplace_back(std::move(event), std::move(done));
      return;
    }
    if (event.broken->load() || left-- <= 0) {
      event.broken->store(true);
      return done(absl::UnavailableError("the feed is away"));
    }
    published.push_back(std::move(event));
    done(absl::OkStatus());
  }
  // Takes what waits.
  void Answer() {
    answers = true;
    for (auto& [event, done] : std::exchange(waiting, {})) Publish(std::move(event), std::move(done));
  }
  int left = 1'000'000;  // taken before it refuses
  bool answers = true;
  std::vector<std::pair<log::FeedEvent, Done>> waiting;
  std::vector<log::FeedEvent> published;
};

// One replica and what belongs to it; `Restart` is a crash that leaves the store as it is.
struct Bench {
  explicit Bench(Book& shared, const Engine::Limits& given = {}, tracing::Tracer* spans = nullptr,
                 Executor* publishes = nullptr)
      : book(shared), limits(given), tracer(spans), publishing(publishes) {
    Restart();
  }

  void Restart() {
    replica.reset();
    assignment.Leave();
    const bool delivers = log == nullptr || log->delivers;
    log = std::make_unique<ScriptedLog>(book);
    log->delivers = delivers;
    replica = std::make_unique<Replica>(DefineAccounts(), *log, store, &assignment, clock, limits, &feed, nullptr,
                                        nullptr, tracer, publishing);
    started = replica->Start();
  }
  void Run() { ASSERT_TRUE(replica->Run().ok()); }

  // Gives the command and steps until nothing is left to do.
  template <typename S = Account, typename C>
  Answer<S> Give(const std::string& key, const C& command, const std::string& command_id,
                 const std::string& who = "ann") {
    Caller caller = By(who, common::v1::ROLE_REP);
    caller.command_id = command_id;
    caller.time = clock.Trusted();
    Answer<S> answer = replica->Send<S>(key, command, caller, clock.Now() + absl::Seconds(10));
    Run();
    return answer;
  }
  void Pass(absl::Duration time) {
    clock.Pass(time);
    Run();
  }
  void HoldAll(int64_t offset = 0) {
    std::vector<log::Position> held;
    for (int32_t i = 0; i < book.partitions; ++i) held.push_back({{log::Topic::kIntake, i}, offset});
    assignment.Hold(held);
    Run();
  }

  Book& book;
  const Engine::Limits limits;
  tracing::Tracer* const tracer;
  Executor* const publishing;  // null: at once
  store::MemoryKeyValue store;
  ManualClock clock{Noon()};
  ScriptedAssignment assignment;
  ScriptedFeed feed;
  std::unique_ptr<ScriptedLog> log;
  std::unique_ptr<Replica> replica;
  absl::Status started;
};

inline v1::Deposit Deposit(int64_t amount) {
  v1::Deposit command;
  command.set_amount(amount);
  return command;
}
inline v1::Withdraw Withdraw(int64_t amount, const std::string& ledger = "") {
  v1::Withdraw command;
  command.set_amount(amount);
  command.set_ledger(ledger);
  return command;
}
inline v1::Rename Rename(const std::string& name) {
  v1::Rename command;
  command.set_name(name);
  return command;
}
inline v1::PlaceHold PlaceHold(int64_t amount, absl::Time until) {
  v1::PlaceHold command;
  command.set_amount(amount);
  *command.mutable_until() = ToProto(until);
  return command;
}

// Says what an answer is, for EXPECT_EQ: "open", "ok 3", "ok 3 again", "FAILED_PRECONDITION", "ABORTED CONTENDED".
template <typename S>
std::string Say(const Answer<S>& answer) {
  if (!answer->has_value()) return "open";
  const absl::StatusOr<runtime::Outcome<S>>& outcome = **answer;
  if (outcome.ok()) return "ok " + std::to_string(outcome->version) + (outcome->repeated ? " again" : "");
  const auto reason = ReasonOf(outcome.status());
  return absl::StatusCodeToString(outcome.status().code()) + (reason ? " " + *reason : "");
}

inline int64_t BalanceOf(const Bench& bench, const std::string& account) {
  auto row = kAccountRows.Get(bench.store, account);
  return row ? row->balance() : -1;
}

inline uint64_t VersionOf(const Bench& bench, const std::string& stream) {
  auto row = kStreamRows.Get(bench.store, stream);
  return row ? row->version() : 0;
}

inline log::Partition PartitionOf(const Book& book, const std::string& stream) {
  return {log::Topic::kIntake, log::PartitionFor(stream, book.partitions)};
}

}  // namespace throughline::runtime::testing
