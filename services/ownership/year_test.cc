// A year of virtual time: commitments by the calendars of three zones, hand-overs, help, silence, escalations, through
// both changes of the clocks in each zone. Lived twice and replayed, it is the same to the last byte.

#include <map>
#include <random>

#include "libs/calendar/calendars_file.h"
#include "libs/calendar/due.h"
#include "services/ownership/testing.h"
#include "throughline/log/v1/commit.pb.h"
#include "throughline/ownership/v1/escalation.pb.h"

namespace throughline::ownership {
namespace {

constexpr char kThreeZones[] = R"(
default = "berlin"
[calendar.berlin]
zone = "Europe/Berlin"
week.mon-fri = ["08:00-12:00", "13:00-17:00"]
week.sun = ["01:30-03:30"]               # where the clocks change
holidays = ["12-25", "12-26", "01-01"]
half-days."12-24" = "until 12:00"
[calendar.new-york]
zone = "America/New_York"
week.mon-fri = ["09:00-17:00"]
week.sat = ["22:00-06:00"]               # the night in which the clocks change
holidays = ["07-04", "11-26"]
[calendar.lord-howe]
zone = "Australia/Lord_Howe"
week.mon-sat = ["07:00-11:00", "15:00-19:00"]
week.sun = ["00:00-04:00"]
)";
const Strings kZoneNames = {"berlin", "new-york", "lord-howe"};
constexpr absl::Duration kYearStep = absl::Hours(2);
constexpr int kYearLength = 380 * 12;

class Year {
 public:
  explicit Year(uint32_t seed) : random_(seed) {
    config_.calendars = *calendar::ParseCalendars(kThreeZones);
    config_.silence.closes_after = **ReadSilence("5 business days", absl::ZeroDuration());
    config_.silence.announced_before = **ReadSilence("1 business day", absl::Minutes(1));
    node_ = &world_.Add(Define(config_));
    api_ = MakeApi(node_->streams(), config_);
    Person("ana", ROLE_REP, "Europe/Berlin");
    Person("ben", ROLE_REP, "America/New_York");
    Person("cleo", ROLE_REP, "Australia/Lord_Howe");
    Person("sue", ROLE_SUPERVISOR, "");
    Person("tom", ROLE_SUPERVISOR, "");  // above sue
  }

  void Live() {
    for (int i = 0; i < kYearLength; ++i) {
      if (Pick(3) > 0) DoSomething();
      if (Pick(40) == 0) Open();
      world_.Pass(kYearStep);
    }
  }

  // Every promise was due when a calendar said so at the moment it was made, and what was broken was so then: not
  // earlier, and at most one step of the test later.
  void Check() const {
    std::map<std::string, int> kinds;
    for (const auto& [partition, records] : world_.book.records) {
      for (const auto& record : records) {
        throughline::log::v1::Commit commit;
        if (partition.topic != Topic::kOwnership || !commit.ParseFromString(record->value)) continue;
        for (const auto& committed : commit.events()) {
          v1::OwnershipEvent event;
          if (commit.stream().rfind("ownership/", 0) != 0 || !event.ParseFromString(committed.data())) continue;
          Read(event, runtime::FromProto(commit.event_time()), kinds);
        }
      }
    }
    for (const char* kind :
         {"PROMISE BROKEN", "PROMISE KEPT", "NEXT_ACTION BROKEN", "HELP BROKEN", "HELP RETURNED", "NEXT_UPDATE BROKEN",
          "REPLY BROKEN", "moved", "closed by silence", "expired", "escalated", "climbed"}) {
      EXPECT_GE(kinds[kind], 3) << kind;
    }
    EXPECT_GE(promised_, 250);
  }

  std::string Records() const {
    std::string all;
    for (const auto& [partition, records] : world_.book.records) {
      for (const auto& record : records) absl::StrAppend(&all, record->key, "\n", record->value, "\n");
    }
    return all;
  }
  auto Rows() const { return node_->store().Snapshot(); }
  auto Replayed() { return world_.Rebuild(Define(config_))->store().Snapshot(); }

 private:
  int Pick(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  template <typename T>
  const T& Any(const std::vector<T>& of) {
    return of[static_cast<size_t>(Pick(static_cast<int>(of.size())))];
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Give(const std::string& method, const std::string& request, const std::string& who = "sue") {
    const runtime::Role role = who == "sue" ? ROLE_SUPERVISOR : ROLE_REP;
    return Ask<Response>(world_, *api_, method, FromText<Request>(request),
                         Asking(who, role, "command " + std::to_string(++commands_)));
  }
  void Person(const std::string& name, runtime::Role role, const std::string& zone) {
    ASSERT_TRUE((Ask<v1::SetAvailabilityResponse>(
                     world_, *api_, "SetAvailability",
                     FromText<v1::SetAvailabilityRequest>(role == ROLE_REP ? "available: true" : "on_duty: true"),
                     Asking(name, role, "meet " + name))
                     .ok()));
    if (zone.empty()) return;
    std::string hours;
    for (int day = 1; day <= 7; ++day) {
      absl::StrAppend(&hours, "periods { weekday: ", day, " from_minute: 120 until_minute: 720 }");
    }
    ASSERT_TRUE((Give<v1::ChangePersonRequest, v1::ChangePersonResponse>(
                     "ChangePerson", "person: \"" + name + "\" working_hours { zone: \"" + zone + "\" " + hours + "}")
                     .ok()));
  }

  void Open() {
    const std::string id = "c" + std::to_string(cases_.size());
    const bool taken = Pick(3) > 0;
    const std::string owner = taken ? Any(Strings{"ana", "ben", "cleo"}) : "sue";
    world_.Write(Topic::kIntake, "case/" + id,
                 FromText<intake::v1::CaseEvent>(
                     "opened { case_id: \"" + id + "\" customer_id: \"kim\" subject: \"s\" owner: \"" + owner +
                     "\" assignment_reason: ASSIGNMENT_REASON_" + (taken ? "TOOK_INTERACTION" : "FALLBACK") +
                     " customer_calendar: \"" + Any(kZoneNames) + "\" }"));
    cases_.push_back(id);
  }

  std::string Words() {
    const absl::CivilDay day = absl::ToCivilDay(world_.clock.Now(), absl::UTCTimeZone()) + 1 + Pick(20);
    const Strings words = {"1 business day",
                           "3 business days",
                           "2 business hours",
                           "11 business hours",
                           "90 business minutes",
                           "5 hours",
                           "26 hours",
                           absl::StrCat(absl::FormatCivilTime(day), "@America/New_York")};
    return Any(words);
  }
  void Promise(const std::string& id) {
    const std::string words = Words(), by = Any(kZoneNames);
    const auto made = Give<v1::MakePromiseRequest, v1::MakePromiseResponse>(
        "MakePromise", id + " text: \"call\" due_in: \"" + words + "\" calendar: \"" + by + "\"");
    if (!made.ok()) return;
    const auto expected =
        calendar::Resolve(*calendar::ParseDue(words), *config_.calendars.Find(by), world_.clock.Now());
    ASSERT_TRUE(expected.ok()) << words;
    EXPECT_EQ(runtime::FromProto(made->due()), *expected) << words << " " << by;
    ++promised_;
    promises_.push_back({id, made->promise_id()});
  }
  void DoSomething() {
    if (cases_.empty()) return;
    // Mostly the newest, so that some are left alone for long.
    const size_t back = static_cast<size_t>(Pick(30));
    const std::string case_id = cases_[cases_.size() - 1 - std::min(back, cases_.size() - 1)];
    const std::string id = "case_id: \"" + case_id + "\"";
    const std::string calendar = " calendar: \"" + Any(kZoneNames) + "\"", words = "\"" + Words() + "\"";
    switch (Pick(12)) {
      case 0:
      case 1:
        return Promise(id);
      case 2:
        Give<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(
            "AddWorkNote", id + " text: \"t\" next_action: \"n\" next_action_due_in: " + words + calendar)
            .IgnoreError();
        return;
      case 3:
        Help(id, words + calendar);
        return;
      case 4:
        if (promises_.empty()) return;
        Give<v1::RenegotiatePromiseRequest, v1::RenegotiatePromiseResponse>(
            "RenegotiatePromise", promises_.back().first + " promise_id: \"" + promises_.back().second +
                                      "\" reason: \"r\" new_due_in: " + words + calendar)
            .IgnoreError();
        return;
      case 5: {
        if (promises_.empty()) return;
        const auto [about, promise] = promises_.back();
        promises_.pop_back();
        Give<v1::KeepPromiseRequest, v1::KeepPromiseResponse>(
            "KeepPromise", about + " promise_id: \"" + promise + "\" evidence: \"called\"")
            .IgnoreError();
        return;
      }
      case 6:
        world_.Write(
            Topic::kIntake, "case/" + case_id,
            FromText<intake::v1::CaseEvent>("interaction_recorded { interaction_id: \"i" + std::to_string(++commands_) +
                                            "\" by: \"ben\" text: \"t\" direction: DIRECTION_" +
                                            (Pick(2) == 0 ? "INBOUND }" : "OUTBOUND }")));
        return;
      case 7:
        Give<v1::OfferHandoffRequest, v1::OfferHandoffResponse>(
            "OfferHandoff", id + " reason: \"r\" to: \"" + Any(Strings{"ana", "ben", "cleo"}) + "\"")
            .IgnoreError();
        return;
      case 8:
        Give<v1::EscalateCaseRequest, v1::EscalateCaseResponse>("EscalateCase", id + " reason: \"r\"").IgnoreError();
        return;
      default:
        Give<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse>(
            "ProposeResolution", id + " text: \"valve\"" + (Pick(2) == 0 ? calendar : std::string()))
            .IgnoreError();
        return;
    }
  }
  void Help(const std::string& id, const std::string& due) {
    const auto asked = Give<v1::RequestHelpRequest, v1::RequestHelpResponse>(
        "RequestHelp", id + " to: \"" + Any(Strings{"ana", "ben", "cleo"}) + "\" text: \"look\" due_in: " + due);
    if (!asked.ok() || Pick(2) == 0) return;
    Give<v1::HandBackHelpRequest, v1::HandBackHelpResponse>(
        "HandBackHelp", id + " reason: \"r\" commitment_id: \"" + asked->commitment_id() + "\"", asked->helper())
        .IgnoreError();
  }

  static void Read(const v1::OwnershipEvent& event, absl::Time time, std::map<std::string, int>& kinds) {
    if (event.has_commitment_renegotiated()) ++kinds["moved"];
    if (event.has_handoff_expired()) ++kinds["expired"];
    if (event.has_escalated()) ++kinds[event.escalated().level() > 1 ? "climbed" : "escalated"];
    if (event.has_closed() && event.closed().by() == "throughline.ownership") ++kinds["closed by silence"];
    if (!event.has_commitment_settled()) return;
    const auto& settled = event.commitment_settled();
    ++kinds[v1::CommitmentKind_Name(settled.kind()).substr(16) + " " +
            v1::CommitmentOutcome_Name(settled.outcome()).substr(19)];
    const absl::Time was_due = runtime::FromProto(settled.due());
    if (settled.outcome() != v1::COMMITMENT_OUTCOME_BROKEN) {
      EXPECT_LE(time, was_due) << settled.ShortDebugString();
      return;
    }
    EXPECT_GE(time, was_due) << settled.ShortDebugString();
    EXPECT_LE(time, was_due + kYearStep + absl::Seconds(1)) << settled.ShortDebugString();
  }

  std::mt19937 random_;
  Config config_;
  World world_;
  Node* node_ = nullptr;
  std::unique_ptr<server::Api> api_;
  Strings cases_;
  std::vector<std::pair<std::string, std::string>> promises_;
  int commands_ = 0, promised_ = 0;
};

TEST(AYear, LivedTwiceAndReplayedIsTheSame) {
  Year one(20260301), other(20260301);
  one.Live();
  other.Live();
  one.Check();
  EXPECT_EQ(one.Records(), other.Records());
  EXPECT_EQ(one.Rows(), other.Rows());
  EXPECT_EQ(one.Replayed(), one.Rows());
}

}  // namespace
}  // namespace throughline::ownership
