// Due times through the handlers: said in words, found once by a calendar, recorded, and moved by nothing but people.

#include <map>

#include "libs/calendar/calendars_file.h"
#include "services/ownership/testing_people.h"
#include "throughline/ownership/v1/escalation.pb.h"

namespace throughline::ownership {
namespace {

// A Sunday noon, UTC, is where the tests begin: the office of these calendars opens on Monday.
constexpr char kOfficeCalendars[] = R"(
default = "office"
[calendar.office]
zone = "Europe/Berlin"
week.mon-fri = ["08:00-12:00", "13:00-17:00"]
[calendar.nights]
zone = "America/New_York"
week.mon-sun = ["22:00-06:00"]
)";

// Another policy in everything that a due time can depend on.
constexpr char kLaterCalendars[] = R"(
default = "office"
[calendar.office]
zone = "Asia/Kolkata"
week.sun = ["09:00-10:00"]
[calendar.nights]
zone = "UTC"
week.mon-sun = ["01:00-02:00"]
)";

Config With(const char* calendars, int factor) {
  Config config;
  config.calendars = *calendar::ParseCalendars(calendars);
  config.periods.reply_within = absl::Hours(5) * factor;
  config.periods.next_update_within = absl::Hours(30) * factor;
  config.handoff_expiry = absl::Hours(7) * factor;
  if (factor != 1) config.escalation.acknowledge_within = {calendar::Elapsed(absl::Hours(1))};
  config.silence.closes_after = **ReadSilence(factor == 1 ? "5 business days" : "30 hours", absl::ZeroDuration());
  config.silence.announced_before = **ReadSilence(factor == 1 ? "1 business day" : "1h", absl::ZeroDuration());
  return config;
}

using Due = std::map<std::string, absl::Time>;

class DueTimes : public People {
 protected:
  DueTimes() { Meet("cleo", ROLE_REP, "available: true"); }

  template <typename Response>
  absl::StatusOr<Response> By(const server::Api& api, std::string_view method, const google::protobuf::Message& request,
                              const std::string& id) {
    return Ask<Response>(world_, api, method, request, Asking("ana", ROLE_REP, id));
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Say(const server::Api& api, const std::string& method, const std::string& request,
                               const std::string& id) {
    return By<Response>(api, method, FromText<Request>("case_id: \"c1\" " + request), id);
  }
  // Each way to say when something is due, once. By the method's name.
  std::map<std::string, absl::StatusOr<absl::Time>> SayAll(const server::Api& api, const std::string& words) {
    std::map<std::string, absl::StatusOr<absl::Time>> due;
    const auto note = [&](const std::string& method, const auto& response) {
      due.emplace(method, response.ok() ? absl::StatusOr<absl::Time>(runtime::FromProto(response->due()))
                                        : absl::StatusOr<absl::Time>(response.status()));
    };
    const std::string due_in = "due_in: \"" + words + "\"", moved = "reason: \"r\" new_due_in: \"" + words + "\"";
    note("MakePromise",
         Say<v1::MakePromiseRequest, v1::MakePromiseResponse>(api, "MakePromise", "text: \"call\" " + due_in, "make"));
    note("AddWorkNote",
         Say<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(
             api, "AddWorkNote", "text: \"t\" next_action: \"ask\" next_action_due_in: \"" + words + "\"", "note"));
    note("RequestHelp", Say<v1::RequestHelpRequest, v1::RequestHelpResponse>(
                            api, "RequestHelp", "to: \"cleo\" text: \"look\" " + due_in, "help"));
    note("RenegotiatePromise",
         Say<v1::RenegotiatePromiseRequest, v1::RenegotiatePromiseResponse>(
             api, "RenegotiatePromise", "promise_id: \"" + to_move_ + "\" " + moved, "move promise"));
    note("RenegotiateCommitment",
         Say<v1::RenegotiateCommitmentRequest, v1::RenegotiateCommitmentResponse>(
             api, "RenegotiateCommitment", "commitment_id: \"" + to_move_too_ + "\" " + moved, "move commitment"));
    return due;
  }
  // Of all that is open on the case, by kind and text.
  Due Open() {
    Due due;
    const v1::OwnershipView view = View();
    for (const auto& one : view.commitments()) {
      if (one.outcome() != v1::COMMITMENT_OUTCOME_UNSPECIFIED) continue;
      const auto& commitment = one.commitment();
      due[v1::CommitmentKind_Name(commitment.kind()) + " " + commitment.text() + " " + commitment.commitment_id()] =
          runtime::FromProto(commitment.due());
    }
    if (view.has_handoff()) due["handoff"] = runtime::FromProto(view.handoff().expires_at());
    if (view.has_closes_at()) due["closing"] = runtime::FromProto(view.closes_at());
    return due;
  }

  const std::unique_ptr<server::Api> office_ = MakeApi(node_.streams(), With(kOfficeCalendars, 1));
  const std::unique_ptr<server::Api> other_ = MakeApi(node_.streams(), With(kLaterCalendars, 7));
  const std::string to_move_ = Promise(absl::Hours(9)), to_move_too_ = Promise(absl::Hours(10));
};

TEST_F(DueTimes, AreSaidInWordsWhereverThereIsOne) {
  const absl::Time tuesday = absl::FromUnixSeconds(1772553600);  // 17:00 in Berlin
  for (const auto& [method, due] : SayAll(*office_, "2 business days")) {
    ASSERT_TRUE(due.ok()) << method << ": " << due.status();
    EXPECT_EQ(*due, tuesday) << method;
  }
  ExpectRebuildIsTheSame();
}

TEST_F(DueTimes, InWordsAreRefusedByTheNameOfTheField) {
  const std::map<std::string, std::string> field = {{"MakePromise", "due_in"},
                                                    {"AddWorkNote", "next_action_due_in"},
                                                    {"RequestHelp", "due_in"},
                                                    {"RenegotiatePromise", "new_due_in"},
                                                    {"RenegotiateCommitment", "new_due_in"}};
  for (const char* words : {"soon", "2026-03-07", "2020-01-01@UTC", "90000 hours"}) {
    for (const auto& [method, due] : SayAll(*office_, words)) {
      EXPECT_EQ(runtime::BadFieldsOf(due.status()), Strings{field.at(method)}) << method << " " << words;
    }
  }
  const auto nowhere = Say<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(
      *office_, "AddWorkNote", R"(text: "t" next_action: "n" next_action_due_in: "1 hour" calendar: "mars")", "a");
  EXPECT_EQ(runtime::BadFieldsOf(nowhere.status()), Strings{"calendar"});
  const auto nothing = Say<v1::AddWorkNoteRequest, v1::AddWorkNoteResponse>(
      *office_, "AddWorkNote", R"(text: "t" next_action_due_in: "1 hour")", "b");
  EXPECT_EQ(runtime::BadFieldsOf(nothing.status()), Strings{"next_action"});
}

// Every kind of due time there is, then every policy is another one.
TEST_F(DueTimes, OfWhatWasPromisedAreNotMovedByAChangedPolicy) {
  const auto first = SayAll(*office_, "2 business days");
  world_.Write(Topic::kIntake, "case/c1", FromText<intake::v1::CaseEvent>(R"pb(
                 interaction_recorded { interaction_id: "i1" by: "ben" direction: DIRECTION_INBOUND text: "?" })pb"));
  ASSERT_TRUE((Say<v1::OfferHandoffRequest, v1::OfferHandoffResponse>(*office_, "OfferHandoff",
                                                                      R"(to: "ben" reason: "r")", "offer")
                   .ok()));
  const auto propose = [&](const server::Api& api) {
    return Say<v1::ProposeResolutionRequest, v1::ProposeResolutionResponse>(api, "ProposeResolution",
                                                                            R"(text: "valve")", "propose");
  };
  ASSERT_TRUE(
      (Say<v1::EscalateCaseRequest, v1::EscalateCaseResponse>(*office_, "EscalateCase", R"(reason: "r")", "escalate")
           .ok()));
  const auto proposed = propose(*office_);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(runtime::FromProto(proposed->closes_at()), absl::FromUnixSeconds(1772812800)) << "Friday, 17:00 in Berlin";
  const Due before = Open();
  EXPECT_EQ(before.size(), 10u) << "two promises moved and one made, a next action, help, an update, a reply, an "
                                   "escalation, an offer, a closing";

  // The same commands again, a day later, on a replica with the other policy.
  world_.Pass(absl::Hours(4));
  for (const auto& [method, due] : SayAll(*other_, "2 business days")) {
    ASSERT_TRUE(due.ok()) << method << ": " << due.status();
    EXPECT_EQ(*due, *first.at(method)) << method;
  }
  EXPECT_EQ(propose(*other_)->closes_at().seconds(), proposed->closes_at().seconds());
  EXPECT_EQ(Open(), before);

  // A replica that begins anew with the other policy has the same rows, timers among them, and gives the same answers.
  const auto anew = world_.Rebuild(Define(With(kLaterCalendars, 7)));
  EXPECT_EQ(anew->store().Snapshot(), node_.store().Snapshot());

  // What is broken, runs out or is closed is so at the time that was recorded.
  std::map<absl::Time, int> at;
  for (const auto& [what, due] : before) ++at[due];
  for (const auto& [due, count] : at) {
    world_.Pass(due - world_.clock.Now() - absl::Seconds(1));
    const Due still = Open();
    int open = 0;
    for (const auto& [what, time] : before) open += time == due && still.count(what) > 0;
    EXPECT_EQ(open, count) << "not before " << due;
    world_.Pass(absl::Seconds(2));
    const Due now = Open();
    for (const auto& [what, time] : before) {
      const bool waits = what == "closing";  // the customer waits for an answer, so that nothing is closed
      if (time == due && !waits) EXPECT_EQ(now.count(what), 0u) << what << " at " << due;
    }
  }
}

TEST_F(DueTimes, OfACustomersSilenceCountByTheirCalendar) {
  world_.Write(Topic::kIntake, "case/c2", FromText<intake::v1::CaseEvent>(R"pb(
                 opened { case_id: "c2" customer_id: "lee" owner: "ana" customer_calendar: "nights" })pb"));
  const auto closes = [&](const std::string& request) {
    const auto proposed = By<v1::ProposeResolutionResponse>(
        *office_, "ProposeResolution", FromText<v1::ProposeResolutionRequest>("text: \"valve\" " + request), request);
    EXPECT_TRUE(proposed.ok()) << proposed.status();
    return proposed.ok() ? runtime::FromProto(proposed->closes_at()) : absl::InfinitePast();
  };
  EXPECT_EQ(closes(R"(case_id: "c1")"), absl::FromUnixSeconds(1772812800)) << "Friday, 17:00 in Berlin";
  EXPECT_EQ(closes(R"(case_id: "c2")"), absl::FromUnixSeconds(1772881200)) << "Saturday, 06:00 in New York";
  EXPECT_EQ(closes(R"(case_id: "c2" calendar: "office")"), absl::FromUnixSeconds(1772812800));
  const auto nowhere = By<v1::ProposeResolutionResponse>(
      *office_, "ProposeResolution",
      FromText<v1::ProposeResolutionRequest>(R"(case_id: "c1" text: "t" calendar: "mars")"), "nowhere");
  EXPECT_EQ(runtime::BadFieldsOf(nowhere.status()), Strings{"calendar"});
}

}  // namespace
}  // namespace throughline::ownership
