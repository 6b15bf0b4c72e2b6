// Cases that nobody took wait for a rep: the oldest goes to the next one who is free.

#include "services/ownership/reactors/waiting_cases.h"

#include "gmock/gmock.h"

#include "services/ownership/testing.h"
#include "throughline/ownership/v1/person.pb.h"

namespace throughline::ownership {
namespace {

class WaitingCases : public OwnershipService {
 protected:
  // A case that nobody took is opened; sue looks after it.
  void Open(const std::string& case_id) {
    auto event = FromText<intake::v1::CaseEvent>(
        R"pb(opened { customer_id: "kim" owner: "sue" assignment_reason: ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY })pb");
    event.mutable_opened()->set_case_id(case_id);
    world_.Write(Topic::kIntake, "case/" + case_id, event);
    world_.Pass(absl::Seconds(1));  // the next one is younger
  }
  void Available(const std::string& who, bool available = true) {
    v1::SetAvailabilityRequest request;
    request.set_available(available);
    ASSERT_TRUE(Give<v1::SetAvailabilityResponse>("SetAvailability", request, who, ROLE_REP).ok());
    world_.Run();
  }
  void Change(const std::string& request) {
    const auto changed = Give<v1::ChangePersonResponse>("ChangePerson", FromText<v1::ChangePersonRequest>(request),
                                                        "sue", ROLE_SUPERVISOR);
    ASSERT_TRUE(changed.ok()) << changed.status();
  }
  void Close(const std::string& case_id, const std::string& who) {
    auto request = FromText<v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb");
    request.set_case_id(case_id);
    const auto closed = Give<v1::CloseCaseResponse>("CloseCase", request, who);
    ASSERT_TRUE(closed.ok()) << closed.status();
    world_.Run();
  }
  std::string OwnerOf(const std::string& case_id) {
    v1::GetOwnershipRequest request;
    request.set_case_id(case_id);
    return Give<v1::GetOwnershipResponse>("GetOwnership", request)->ownership().owner();
  }
  Strings OwnersOf(const Strings& cases) {
    Strings owners;
    for (const std::string& case_id : cases) owners.push_back(OwnerOf(case_id));
    return owners;
  }
};

TEST_F(WaitingCases, GoToRepsWhoBecomeAvailableTheOldestFirst) {
  for (const char* id : {"w1", "w2", "w3"}) Open(id);
  EXPECT_EQ(node_.Gauge("throughline_cases_waiting_for_rep"), 3);
  Change(R"pb(person: "ben" capacity: 2)pb");
  Available("ben");
  EXPECT_EQ(OwnersOf({"w1", "w2", "w3"}), (Strings{"ben", "ben", "sue"}));
  EXPECT_EQ(node_.Gauge("throughline_cases_waiting_for_rep"), 1);
  Close("w1", "ben");
  EXPECT_EQ(OwnerOf("w3"), "ben") << "ben has room again";
  EXPECT_EQ(node_.Gauge("throughline_cases_waiting_for_rep"), 0);
  ExpectRebuildIsTheSame();
}

TEST_F(WaitingCases, AreSharedByLoad) {
  Available("ben");
  Available("cleo");
  for (const char* id : {"w1", "w2", "w3"}) Open(id);
  world_.Run();
  EXPECT_EQ(OwnersOf({"w1", "w2", "w3"}), (Strings{"ben", "cleo", "ben"}));
}

TEST_F(WaitingCases, WaitUntilTheRepIsBack) {
  v1::PlanAbsenceRequest absence;
  *absence.mutable_until() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  ASSERT_TRUE(Give<v1::PlanAbsenceResponse>("PlanAbsence", absence, "ben").ok());
  Available("ben");
  Open("w1");
  EXPECT_EQ(OwnerOf("w1"), "sue");
  world_.Pass(absl::Hours(1));
  world_.Run();
  EXPECT_EQ(OwnerOf("w1"), "ben");
}

// It is Sunday noon, UTC.
TEST_F(WaitingCases, WaitUntilSomebodysWorkingHoursBegin) {
  Change(R"pb(person: "ben"
              working_hours {
                zone: "Europe/Berlin"
                periods { weekday: 1 from_minute: 540 until_minute: 720 }
                periods { weekday: 7 from_minute: 840 until_minute: 900 }
              })pb");
  Available("ben");
  Open("w1");
  EXPECT_EQ(OwnerOf("w1"), "sue") << "it is 13:00 in Berlin";
  world_.Pass(absl::Hours(1) - absl::Seconds(2));
  EXPECT_EQ(OwnerOf("w1"), "sue");
  world_.Pass(absl::Seconds(2));
  EXPECT_EQ(OwnerOf("w1"), "ben") << "at 14:00";
  world_.Pass(absl::Hours(1));
  Open("w2");
  EXPECT_EQ(OwnerOf("w2"), "sue") << "at 15:00 he goes home";
  world_.Pass(absl::Hours(17));
  EXPECT_EQ(OwnerOf("w2"), "sue") << "at 08:00";
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(OwnerOf("w2"), "ben") << "on Monday at 9";
  Available("ben", false);
  world_.Pass(absl::Hours(24 * 7));
  Open("w3");
  EXPECT_EQ(OwnerOf("w3"), "sue") << "who says that they take no cases gets none, whatever their hours";
  ExpectRebuildIsTheSame();
}

TEST_F(WaitingCases, StillWaitAfterWhoLooksAfterThemIsGone) {
  ASSERT_TRUE(
      Give<v1::SetAvailabilityResponse>("SetAvailability", v1::SetAvailabilityRequest(), "tom", ROLE_SUPERVISOR).ok());
  Open("w1");
  ASSERT_TRUE(Give<v1::DeactivatePersonResponse>(
                  "DeactivatePerson", FromText<v1::DeactivatePersonRequest>(R"pb(person: "sue" reason: "left")pb"),
                  "tom", ROLE_SUPERVISOR)
                  .ok());
  world_.Run();
  EXPECT_EQ(OwnerOf("w1"), "tom");
  EXPECT_EQ(node_.Gauge("throughline_cases_waiting_for_rep"), 1);
  Available("ben");
  EXPECT_EQ(OwnerOf("w1"), "ben");
}

TEST_F(WaitingCases, StayWithWhoeverHasTakenThem) {
  Open("w1");
  v1::AddWorkNoteRequest note;
  note.set_case_id("w1");
  note.set_text("I called the plumber");
  ASSERT_TRUE(Give<v1::AddWorkNoteResponse>("AddWorkNote", note, "sue", ROLE_SUPERVISOR).ok());
  EXPECT_EQ(node_.Gauge("throughline_cases_waiting_for_rep"), 0);
  Available("ben");
  EXPECT_EQ(OwnerOf("w1"), "sue");
}

// Each look reads the people and the oldest cases, so that a snooze must not cause one.
TEST(AssignWaitingCases, LooksWhenSomebodyMayBeFreeAndOnlyThen) {
  const auto* events = v1::PersonEvent::descriptor()->FindOneofByName("event");
  Strings looked;
  for (int i = 0; i < events->field_count(); ++i) {
    auto event = std::make_shared<v1::PersonEvent>();
    v1::PersonEvent::GetReflection()->MutableMessage(event.get(), events->field(i));
    runtime::AcceptedCommit commit;
    commit.stream = {"person", "ben"};
    commit.events = {std::move(event)};
    if (AssignWaitingCases().NeedsPresent(commit)) looked.push_back(std::string(events->field(i)->name()));
  }
  EXPECT_THAT(looked, testing::UnorderedElementsAre("introduced", "profile_changed", "availability_changed",
                                                    "absence_ended", "reactivated", "working_hours_began"));
}

}  // namespace
}  // namespace throughline::ownership
