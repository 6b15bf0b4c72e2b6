#include "libs/runtime/engine/engine.h"

#include "absl/algorithm/container.h"

#include "libs/log/partitioner.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/kill_point.h"

namespace throughline::runtime {

Engine::Engine(Definition& definition, const Environment& environment, const Limits& limits)
    : definition_(definition),
      log_(environment.log),
      store_(environment.store),
      assignment_(environment.assignment),
      clock_(environment.clock),
      probe_(environment.probe),
      feed_(environment.feed),
      read_ahead_(environment.read_ahead),
      limits_(limits),
      answers_(environment.answers == nullptr ? at_once_ : *environment.answers),
      watching_(environment.watching == nullptr ? at_once_ : *environment.watching),
      publishing_(environment.publishing == nullptr ? at_once_ : *environment.publishing),
      watches_(watching_, environment.probe),
      decisions_(std::string(log::ServiceName(definition.topic)), watching_, environment.tracer),
      heads_(environment.store),
      overdue_(environment.store) {
  clock_.Trusted();  // so that a jump before the first step is noticed
}

Engine::~Engine() { Close(); }

absl::Status Engine::Start() {
  if (absl::Status status = identity_.Open(log_, store_); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<Positions>> positions = identity_.Beginning(definition_.folds);
  if (!positions.ok()) return positions.status();
  positions_ = *std::move(positions);
  std::vector<Projection*> projections;
  for (const auto& projection : definition_.projections) projections.push_back(projection.get());
  fold_ = std::make_unique<Fold>(definition_.types, std::move(projections), store_, heads_, *positions_, probe_);

  const std::vector<log::Partition> all = positions_->All();
  std::vector<log::Partition> own;
  absl::c_copy_if(all, std::back_inserter(own), [&](const log::Partition& p) { return p.topic == definition_.topic; });
  own_end_ = std::make_unique<EndBarrier>(log_, *positions_, own, inbox_, probe_);
  all_ends_ = std::make_unique<EndBarrier>(log_, *positions_, all, inbox_, probe_);
  readers_ = std::make_unique<ParkedReaders>(log_, *positions_, inbox_);
  commands_ =
      std::make_unique<CommandProcessor>(log_, definition_.topic, definition_.types, store_, heads_, *positions_,
                                         *own_end_, inbox_, clock_, probe_, decisions_, limits_.commands);

  const AssignmentParts parts{log_,
                              store_,
                              *positions_,
                              definition_.types,
                              clock_,
                              probe_,
                              "throughline." + std::string(log::ServiceName(definition_.topic)),
                              definition_.topic,
                              feed_,
                              publishing_,
                              inbox_,
                              decisions_};
  std::vector<Reactor*> reactors;
  for (const auto& reactor : definition_.reactors) reactors.push_back(reactor.get());
  reactions_ = std::make_unique<ReactionRunner>(parts, std::move(reactors), *commands_, *all_ends_, assignment_);
  timers_ = std::make_unique<TimerRunner>(parts, definition_.timers.get(), *reactions_, *commands_);

  if (absl::Status status = Subscribe(); !status.ok()) return status;
  readiness_.Start(*fold_, *all_ends_, [this] { CaughtUp(); });
  return absl::OkStatus();
}

absl::Status Engine::Subscribe() {
  const auto wake = [inbox = inbox_] { inbox->Wake(); };
  if (!read_ahead_) {
    auto subscription = log_.Subscribe(fold_->From(), wake);
    if (!subscription.ok()) return subscription.status();
    subscription_ = *std::move(subscription);
    return absl::OkStatus();
  }
  auto ahead = ReadAhead::Subscribe(log_, fold_->From(), wake, definition_.types, *positions_);
  if (!ahead.ok()) return ahead.status();
  ahead_ = ahead->get();
  subscription_ = *std::move(ahead);
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
  StepNowAndThen();
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
  readiness_.Folded();
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

void Engine::StepNowAndThen() {
  // Deadlines are judged by it: a clock that jumps ahead does not end what has just begun.
  const absl::Time now = clock_.Trusted();
  if (now - stepped_now_and_then_ < absl::Milliseconds(50) && now >= stepped_now_and_then_) return;
  stepped_now_and_then_ = now;
  commands_->Expire();
  own_end_->Expire(now);
  all_ends_->Expire(now);
  readers_->Expire(now);
  watches_.NotifyDue(now);
  probe_.InFlight(commands_->in_flight());
  probe_.Waiting(answers_.waiting(), watching_.waiting());
  readiness_.Step(now);
}

void Engine::CaughtUp() {
  if (ahead_ != nullptr) std::exchange(ahead_, nullptr)->Stop();
  for (Executor::Task& task : std::exchange(when_caught_up_, {})) WhenCaughtUp(std::move(task));
  if (assignment_ == nullptr) return;
  assignment_->Start([this, inbox = inbox_](std::vector<log::Position> assigned) {
    inbox->Push([this, assigned = std::move(assigned)] {
      reactions_->Assigned(assigned);
      timers_->Assigned();
    });
  });
}

template <typename Result>
std::function<void(Result)> Engine::WhereAnswersAreGiven(std::function<void(Result)> done) {
  return [&answers = answers_, done = std::move(done)](Result result) mutable {
    answers.Run([done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
  };
}

void Engine::Execute(CommandPtr command) {
  command->done = WhereAnswersAreGiven(std::move(command->done));
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
    // The stream's state is not known any more, and nobody would answer a command whose commit is not folded.
    command->done(Refuse(
        absl::StatusCode::kUnavailable, "PARTITION_STOPPED",
        "this replica cannot read what a newer version wrote on the partition of " + stream + "; use a newer replica"));
    return;
  }
  commands_->Take(std::move(command));
}

void Engine::AfterToken(std::string_view token, absl::Time deadline, Done done, const std::string& field) {
  if (token.empty()) return done(absl::OkStatus());
  absl::StatusOr<std::vector<log::Position>> places = identity_.ReadToken(token, field);
  if (!places.ok()) return done(places.status());
  std::erase_if(*places, [&](const log::Position& place) { return positions_->Reached(place); });
  if (places->empty()) return done(absl::OkStatus());
  auto shared = std::make_shared<Done>(std::move(done));
  const bool taken = inbox_->Push([this, places = *std::move(places), deadline, shared, field] {
    readers_->Park(places, field, clock_.Trusted(), deadline, WhereAnswersAreGiven(std::move(*shared)));
  });
  if (!taken) {
    (*shared)(Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; try again"));
  }
}

void Engine::AfterPresent(absl::Time deadline, Done done) {
  auto shared = std::make_shared<Done>(std::move(done));
  if (!inbox_->Push(
          [this, deadline, shared] { all_ends_->Wait(WhereAnswersAreGiven(std::move(*shared)), deadline); })) {
    (*shared)(Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; try again"));
  }
}

void Engine::WhenCaughtUp(Executor::Task task) {
  inbox_->Push([this, task = std::move(task)]() mutable {
    readiness_.caught_up() ? watching_.Run(std::move(task)) : when_caught_up_.push_back(std::move(task));
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
