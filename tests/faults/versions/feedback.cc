#include "tests/faults/versions/feedback.h"

#include "libs/runtime/domain/caller.h"
#include "tests/faults/versions/feedback.pb.h"

namespace throughline::faults {
namespace {

using log::Topic;
using runtime::StreamType;

constexpr char kIntakeKind[] = "feedback-intake";
constexpr char kOwnershipKind[] = "feedback-ownership";
constexpr char kOutageNoticeKind[] = "feedback-outage-notice";
constexpr char kSupplierTrackingKind[] = "feedback-supplier-tracking";

template <const char* kind, typename FeedbackEvent>
struct Feedback {
  static constexpr const char* kKind = kind;
  using State = v1::FeedbackState;
  using Event = FeedbackEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  static Decision Decide(const State&, const v1::GiveFeedback& command, const runtime::Caller&) {
    std::vector<Event> events(1);
    events[0].mutable_asked()->set_about(command.about());
    if constexpr (std::is_same_v<Event, v1::FeedbackEvent3>) {
      if (command.rate()) events.emplace_back().mutable_rated()->set_about(command.about());
      if (command.escalate()) events.emplace_back().mutable_escalated()->set_about(command.about());
    }
    return events;
  }

  static void Evolve(State& state, const Event& event) {
    if (event.has_asked()) state.set_asked(state.asked() + 1);
    if constexpr (std::is_same_v<Event, v1::FeedbackEvent3>) {
      if (event.has_rated()) state.set_rated(state.rated() + 1);
      if (event.has_escalated()) state.set_escalated(state.escalated() + 1);
    }
  }
};

template <typename S>
class FeedbackReactor : public runtime::Reactor {
 public:
  FeedbackReactor(Topic own, Writes writes) : own_(own), writes_(writes) {}

  void React(const runtime::AcceptedCommit& commit, const store::KeyValue&, runtime::Reactions& reactions) override {
    constexpr int64_t kEvery = 4;
    const auto& [partition, offset] = commit.position;
    if (partition.topic != own_ || commit.stream.kind == S::kKind || offset % kEvery != 0) return;
    v1::GiveFeedback command;
    command.set_about(commit.stream.ToString());
    command.set_rate(true);
    command.set_escalate(writes_ == Writes::kAll);
    reactions.Execute<S>({S::kKind, commit.stream.key}, std::move(command), "feedback");
  }

 private:
  const Topic own_;
  const Writes writes_;
};

template <const char* kind, typename Event>
void Add(runtime::Definition& definition, Topic service, Writes writes) {
  using Own = Feedback<kind, Event>;
  if (definition.topic != service) {
    definition.types.Add(StreamType::Foreign<Event>(service, kind));
    return;
  }
  definition.types.Add(StreamType::Own<Own>(service));
  if (writes != Writes::kNothing)
    definition.reactors.push_back(std::make_unique<FeedbackReactor<Own>>(service, writes));
}

template <typename Event>
void AddAll(runtime::Definition& definition, Writes writes) {
  Add<kIntakeKind, Event>(definition, Topic::kIntake, writes);
  Add<kOwnershipKind, Event>(definition, Topic::kOwnership, writes);
  Add<kOutageNoticeKind, Event>(definition, Topic::kOutageNotice, writes);
  Add<kSupplierTrackingKind, Event>(definition, Topic::kSupplierTracking, writes);
}

}  // namespace

std::optional<Writes> ParseWrites(std::string_view text) {
  if (text == "nothing") return Writes::kNothing;
  if (text == "ignorable") return Writes::kIgnorable;
  if (text == "all") return Writes::kAll;
  return std::nullopt;
}

std::string FeedbackKind(Topic service) { return "feedback-" + std::string(log::ServiceName(service)); }

void MakeLater(runtime::Definition& definition, int version, Writes writes) {
  if (version == 2) {
    AddAll<v1::FeedbackEvent2>(definition, writes);
  } else {
    AddAll<v1::FeedbackEvent3>(definition, writes);
  }
}

}  // namespace throughline::faults
