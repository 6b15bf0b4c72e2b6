#include "libs/runtime/engine/engine.h"

#include "absl/algorithm/container.h"
#include <spdlog/spdlog.h>

#include "libs/log/partitioner.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/kill_point.h"
#include "libs/runtime/reads/token.h"

namespace throughline::runtime {
namespace {

constexpr char kIdentityRow[] = "log";

}  // namespace

Engine::Engine(Definition& definition, const Environment& environment, const Limits& limits)
    : definition_(definition),
      log_(environment.log),
      store_(environment.store),
      assignment_(environment.assignment),
      clock_(environment.clock),
      probe_(environment.probe),
      feed_(environment.feed),
      limits_(limits),
      answers_(environment.answers == nullptr ? at_once_ : *environment.answers),
      watching_(environment.watching == nullptr ? at_once_ : *environment.watching),
      watches_(watching_, environment.probe),
      heads_(environment.store),
      overdue_(environment.store) {
  clock_.Trusted();  // so that a jump before the first look is one
}

Engine::~Engine() { Close(); }

absl::Status Engine::Start() {
  if (absl::Status status = CheckIdentity(); !status.ok()) return status;
  std::vector<int32_t> partitions(std::size(log::kTopics), 0);
  for (log::Topic topic : definition_.folds) {
    const auto known = absl::c_find_if(identity_.topics, [&](const auto& t) { return t.topic == topic; });
    if (known == identity_.topics.end())
      return absl::FailedPreconditionError(log::TopicName(topic) + " is not in the log");
    partitions[static_cast<size_t>(topic)] = known->partitions;
  }
  positions_ = std::make_unique<Positions>(std::move(partitions));
  std::vector<Projection*> projections;
  for (const auto& projection : definition_.projections) projections.push_back(projection.get());
  fold_ = std::make_unique<Fold>(definition_.types, std::move(projections), store_, heads_, *positions_, probe_);

  const std::vector<log::Partition> all = positions_->All();
  std::vector<log::Partition> own;
  absl::c_copy_if(all, std::back_inserter(own), [&](const log::Partition& p) { return p.topic == definition_.topic; });
  own_end_ = std::make_unique<EndBarrier>(log_, *positions_, own, inbox_, probe_);
  all_ends_ = std::make_unique<EndBarrier>(log_, *positions_, all, inbox_, probe_);
  readers_ = std::make_unique<ParkedReaders>(log_, *positions_, inbox_);
  commands_ = std::make_unique<CommandProcessor>(log_, definition_.topic, definition_.types, store_, heads_,
                                                 *positions_, *own_end_, inbox_, clock_, probe_, limits_.commands);

  const AssignmentParts parts{log_,
                              store_,
                              *positions_,
                              definition_.types,
                              clock_,
                              probe_,
                              "throughline." + std::string(log::ServiceName(definition_.topic)),
                              definition_.topic,
                              feed_,
                              inbox_};
  std::vector<Reactor*> reactors;
  for (const auto& reactor : definition_.reactors) reactors.push_back(reactor.get());
  reactions_ = std::make_unique<ReactionRunner>(parts, std::move(reactors), *commands_, *all_ends_, assignment_);
  timers_ = std::make_unique<TimerRunner>(parts, definition_.timers.get(), *reactions_, *commands_);

  absl::StatusOr<std::unique_ptr<log::Subscription>> subscription =
      log_.Subscribe(fold_->From(), [inbox = inbox_] { inbox->Wake(); });
  if (!subscription.ok()) return subscription.status();
  subscription_ = *std::move(subscription);

  AskWhetherCaughtUp();
  return absl::OkStatus();
}

absl::Status Engine::CheckIdentity() {
  absl::StatusOr<log::Identity> identity = log_.Describe();
  if (!identity.ok()) return identity.status();
  identity_ = *std::move(identity);
  token_mark_ = TokenMark(identity_);
  const std::string bytes = IdentityBytes(identity_);
  std::optional<std::string> before = kIdentityRows.Get(store_, kIdentityRow);
  if (before && *before != bytes) {
    return absl::FailedPreconditionError(
        "the log is another one than this store was folded from (cluster, topic or number of partitions changed): "
        "point the service at its log, or delete its store to fold the new log from the start");
  }
  if (!before) {
    store::Batch batch(store_);
    kIdentityRows.Put(batch, kIdentityRow, bytes);
    store_.Write(batch.TakeChanges());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Engine::Step() {
  std::vector<Inbox::Task> tasks = inbox_->Take();
  for (Inbox::Task& task : tasks) task();
  absl::StatusOr<bool> folded = FoldStep();
  if (!folded.ok()) return folded.status();
  bool more = !tasks.empty() || *folded;
  more |= reactions_->Step();
  timers_->Step();
  Expire();
  return more;
}

absl::StatusOr<bool> Engine::FoldStep() {
  absl::StatusOr<std::vector<log::RecordPtr>> records = subscription_->Poll(limits_.fold_records);
  if (!records.ok()) return records.status();
  if (records->empty()) return false;
  std::vector<Folded> folded;
  absl::flat_hash_set<std::string> notified;
  const auto find = [this](const std::string& digest) { return commands_->Find(digest); };
  if (absl::Status status = fold_->Apply(*records, find, folded, notified); !status.ok()) return status;
  KillPoint("folded");
  if (!fold_->stopped().empty()) stopped_.store(true, std::memory_order_release);
  commands_->Folded(folded);
  own_end_->Folded();
  all_ends_->Folded();
  readers_->Folded();
  watches_.Notify(notified);
  reactions_->Folded(folded);
  timers_->Folded(notified);
  if (!definition_.timer_gauges.empty()) {
    for (const std::string& key : TimersAmong(notified)) overdue_.Changed(key);
  }
  return true;
}

void Engine::Expire() {
  const absl::Time now = clock_.Now();
  if (now - expired_ < absl::Milliseconds(50) && now >= expired_) return;
  expired_ = now;
  clock_.Trusted();  // so that a jump is seen when it comes, whoever asks next
  commands_->Expire();
  own_end_->Expire(now);
  all_ends_->Expire(now);
  readers_->Expire(now);
  probe_.InFlight(commands_->in_flight());
  probe_.Handed(answers_.waiting(), watching_.waiting());
  if (!caught_up_.load(std::memory_order_relaxed) && !asking_whether_caught_up_) AskWhetherCaughtUp();
  WarnOfUnseen(now);
}

void Engine::WarnOfUnseen(absl::Time now) {
  constexpr absl::Duration kPatience = absl::Seconds(10);
  const std::optional<log::Position> unseen = fold_->Unseen();
  if (!unseen || now - warned_ < kPatience) return;
  if (warned_ != absl::InfinitePast()) {
    spdlog::error("{}/{}@{} was folded before and is not in the log now: it is truncated, or unreachable",
                  log::TopicName(unseen->partition.topic), unseen->partition.index, unseen->offset);
  }
  warned_ = now;
}

void Engine::AskWhetherCaughtUp() {
  asking_whether_caught_up_ = true;
  all_ends_->Wait(
      [this](const absl::Status& status) {
        asking_whether_caught_up_ = false;
        if (status.ok() && !fold_->Unseen()) BeCaughtUp();
      },
      absl::InfiniteFuture());
}

void Engine::BeCaughtUp() {
  caught_up_.store(true, std::memory_order_release);
  for (Executor::Task& task : std::exchange(when_caught_up_, {})) WhenCaughtUp(std::move(task));
  if (assignment_ == nullptr) return;
  assignment_->Start([this, inbox = inbox_](std::vector<log::Position> held) {
    inbox->Push([this, held = std::move(held)] {
      reactions_->Held(held);
      timers_->Held();
    });
  });
}

template <typename Result>
std::function<void(Result)> Engine::Handed(std::function<void(Result)> done) {
  return [&answers = answers_, done = std::move(done)](Result result) mutable {
    answers.Run([done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
  };
}

void Engine::Execute(CommandPtr command) {
  command->done = Handed(std::move(command->done));
  auto refused = command;
  if (!inbox_->Push([this, command = std::move(command)]() mutable { Take(std::move(command)); })) {
    refused->done(Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; try again"));
  }
}

void Engine::Take(CommandPtr command) {
  if (fold_->stopped().empty()) return commands_->Take(std::move(command));
  const std::string stream = command->stream.ToString();
  const log::Partition partition{definition_.topic,
                                 log::PartitionFor(stream, positions_->PartitionsOf(definition_.topic))};
  if (fold_->stopped().contains(partition)) {
    // Its state is not known any more, and what were appended here would be answered by nobody.
    command->done(Refuse(
        absl::StatusCode::kUnavailable, "PARTITION_STOPPED",
        "this replica cannot read what a newer version wrote on the partition of " + stream + "; use a newer replica"));
    return;
  }
  commands_->Take(std::move(command));
}

std::string Engine::MakeTokenFor(const std::vector<log::Position>& places) const {
  return MakeToken(token_mark_, places);
}

std::string Engine::MakeTokenFor(const WatchPosition& position) const { return MakeWatchToken(token_mark_, position); }

absl::StatusOr<WatchPosition> Engine::ReadWatchPosition(std::string_view token, std::string_view question,
                                                        absl::string_view field) const {
  return ReadWatchToken(identity_, token, question, field);
}

void Engine::AfterToken(std::string_view token, absl::Time deadline, Done done, const std::string& field) {
  if (token.empty()) return done(absl::OkStatus());
  absl::StatusOr<std::vector<log::Position>> places = ReadToken(identity_, token, field);
  if (!places.ok()) return done(places.status());
  std::erase_if(*places, [&](const log::Position& place) { return positions_->Reached(place); });
  if (places->empty()) return done(absl::OkStatus());
  auto shared = std::make_shared<Done>(std::move(done));
  const bool taken = inbox_->Push([this, places = *std::move(places), deadline, shared, field] {
    readers_->Park(places, field, clock_.Now(), deadline, Handed(std::move(*shared)));
  });
  if (!taken) {
    (*shared)(Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; try again"));
  }
}

void Engine::AfterPresent(absl::Time deadline, Done done) {
  auto shared = std::make_shared<Done>(std::move(done));
  if (!inbox_->Push([this, deadline, shared] { all_ends_->Wait(Handed(std::move(*shared)), deadline); })) {
    (*shared)(Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; try again"));
  }
}

void Engine::WhenCaughtUp(Executor::Task task) {
  inbox_->Push([this, task = std::move(task)]() mutable {
    caught_up_.load(std::memory_order_relaxed) ? watching_.Run(std::move(task))
                                               : when_caught_up_.push_back(std::move(task));
  });
}

void Engine::Close() {
  inbox_->Close();
  const absl::Status stopping = Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                                       "the service is stopping; try again with the same command_id");
  for (Inbox::Task& task : inbox_->Take()) task();
  if (commands_ != nullptr) commands_->Fail(stopping);
  if (own_end_ != nullptr) own_end_->Fail(stopping);
  if (all_ends_ != nullptr) all_ends_->Fail(stopping);
  if (readers_ != nullptr) readers_->Fail(stopping);
}

}  // namespace throughline::runtime
