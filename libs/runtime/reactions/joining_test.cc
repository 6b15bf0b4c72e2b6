// Reactors that join two topics, on two replicas that share the partitions: what belongs together is found, whichever
// of them hears of which half first.

#include "libs/log/simulated/simulated_log.h"
#include "libs/runtime/commands/command.h"
#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

using log::Topic;

constexpr store::Table<std::string, std::string> kSeen{20};  // stream -> nothing more
constexpr int kPairs = 20;

class Seen : public Projection {
 public:
  void Apply(const AcceptedCommit& commit, store::Batch& batch) override {
    kSeen.Put(batch, commit.stream.ToString(), "");
  }
};

// Once both `left/x` and `right/x` are there, books in `ledger/x`.
class Pairing : public Reactor {
 public:
  explicit Pairing(bool joins) : joins_(joins) {}

  bool NeedsPresent(const AcceptedCommit&) const override { return joins_; }
  void React(const AcceptedCommit& commit, const store::KeyValue& reader, Reactions& reactions) override {
    const auto& [kind, key] = commit.stream;
    if (kind != "left" && kind != "right") return;
    if (!kSeen.Has(reader, StreamId{kind == "left" ? "right" : "left", key}.ToString())) return;
    v1::Book book;
    book.set_amount(1);
    reactions.Execute<Ledger>({Ledger::kKind, key}, book, "pair");
  }

 private:
  const bool joins_;
};

std::unique_ptr<Definition> DefinePairs(bool joins) {
  auto definition = std::make_unique<Definition>();
  definition->topic = Topic::kIntake;
  definition->folds = {Topic::kIntake, Topic::kOwnership, Topic::kOutageNotice};
  definition->layout = "pairs-1";
  definition->types.Add(StreamType::Own<Ledger>(Topic::kIntake));
  definition->types.Add(StreamType::Foreign<v1::AccountEvent>(Topic::kOwnership, "left"));
  definition->types.Add(StreamType::Foreign<v1::AccountEvent>(Topic::kOutageNotice, "right"));
  definition->projections.push_back(std::make_unique<Seen>());
  definition->reactors.push_back(std::make_unique<Pairing>(joins));
  return definition;
}

// A record's key and value: what a foreign service writes of one half.
std::pair<std::string, std::string> Half(Topic topic, const StreamId& stream) {
  const StreamType type = StreamType::Foreign<v1::AccountEvent>(topic, stream.kind);
  auto event = std::make_shared<v1::AccountEvent>();
  event->mutable_closed();
  Command command;
  command.type = &type;
  command.stream = stream;
  command.caller = By("elsewhere", common::v1::ROLE_SERVICE);
  return {stream.ToString(), MakeCommit(command, 0, "", {event}).SerializeAsString()};
}

void Write(log::SimulatedLog& log, Topic topic, const StreamId& stream) {
  auto [key, value] = Half(topic, stream);
  log.AppendForeign({topic, 0}, std::move(key), std::move(value));
}

// How many of the pairs are booked when each of two replicas is assigned one half, and often hears late of either.
int Booked(uint64_t seed, bool joins) {
  log::SimulatedLog::Faults faults;
  faults.delivered_late = 0.3;
  faults.ends_unavailable = 0.1;
  log::SimulatedLog log(seed, 1, faults);
  struct Node {
    std::unique_ptr<log::EventLog> log;
    std::unique_ptr<log::PartitionAssignment> assignment;
    store::MemoryKeyValue store;
    std::unique_ptr<Replica> replica;
  };
  Node nodes[2];
  ManualClock clock(Noon());
  for (int i = 0; i < 2; ++i) {
    nodes[i].log = log.Attach(i);
    auto definition = DefinePairs(joins);
    nodes[i].assignment = log.AssignPartitions(i, "pairs", definition->folds);
    nodes[i].replica = std::make_unique<Replica>(std::move(definition), *nodes[i].log, nodes[i].store,
                                                 nodes[i].assignment.get(), clock);
    EXPECT_TRUE(nodes[i].replica->Start().ok());
    log.Assign("pairs", i, {{i == 0 ? Topic::kOwnership : Topic::kOutageNotice, 0}});
  }
  for (int i = 0; i < kPairs; ++i) {
    const std::string key = "pair" + std::to_string(i);
    log.After(absl::Seconds(1 + i), [&log, key] {
      Write(log, Topic::kOwnership, {"left", key});
      Write(log, Topic::kOutageNotice, {"right", key});
    });
  }
  for (int tick = 0; tick < 60 * 50; ++tick) log.After(absl::Milliseconds(20) * tick, [] {});
  while (log.Advance()) {
    clock.Set(Noon() + (log.now() - absl::UnixEpoch()), log.now() - absl::UnixEpoch());
    for (Node& node : nodes) EXPECT_TRUE(node.replica->Run(1).ok());
  }
  int booked = 0;
  kStreamRows.Scan(nodes[0].store, "", [&](std::string_view, const auto& key, const auto&) {
    booked += std::get<0>(key).starts_with(Ledger::kKind) ? 1 : 0;
    return true;
  });
  for (Node& node : nodes) node.replica.reset();
  return booked;
}

TEST(Joining, TheLaterOfTwoCommitsMeetsTheOtherOnWhateverReplica) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_LT(Booked(seed, false), kPairs) << "whoever does not join must lose some, or this shows nothing";
    EXPECT_EQ(Booked(seed, true), kPairs) << seed;
  }
}

// Whoever is assigned now does it, and this replica's folded state may be old.
TEST(Joining, AReactionThatWaitsForThePresentEndsWithTheAssignment) {
  Book book(1);
  ScriptedLog log(book);
  store::MemoryKeyValue store;
  ManualClock clock(Noon());
  ScriptedAssignment assignment;
  Replica replica(DefinePairs(true), log, store, &assignment, clock);
  ASSERT_TRUE(replica.Start().ok());
  assignment.Hold({{{Topic::kOwnership, 0}, 0}, {{Topic::kOutageNotice, 0}, 0}});
  ASSERT_TRUE(replica.Run().ok());
  log.answers_ends = false;
  for (const auto& [topic, kind] : {std::pair{Topic::kOwnership, "left"}, {Topic::kOutageNotice, "right"}}) {
    const auto [key, value] = Half(topic, {kind, "a"});
    book.Write({topic, 0}, key, value);
  }
  ASSERT_TRUE(replica.Run().ok());
  assignment.Hold({});
  ASSERT_TRUE(replica.Run().ok());
  log.AnswerEnds();
  ASSERT_TRUE(replica.Run().ok());
  const log::Partition own{Topic::kIntake, 0};
  EXPECT_TRUE(book.records[own].empty()) << "it was not assigned any more";
}

}  // namespace
}  // namespace throughline::runtime::testing
