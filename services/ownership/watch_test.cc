// WatchWorklist: what comes, when, and how it goes on after the stream has ended.

#include "libs/runtime/domain/time.h"
#include "services/ownership/testing.h"

namespace throughline::ownership {
namespace {

class WatchWorklist : public OwnershipService {
 protected:
  WatchWorklist() {  // she becomes known
    EXPECT_TRUE(Give<v1::SetAvailabilityResponse>("SetAvailability", v1::SetAvailabilityRequest(), "ana").ok());
  }
  // A watch that the test ends by letting go of it.
  class Watch {
   public:
    explicit Watch(std::shared_ptr<FakeCall> call) : call_(std::move(call)) {}
    ~Watch() { call_->Finish(absl::OkStatus()); }
    size_t size() const { return call_->responses.size(); }
    v1::WatchWorklistResponse last() const {
      v1::WatchWorklistResponse response;
      response.ParseFromString(call_->responses.back());
      return response;
    }
    Strings items() const {
      Strings items;
      const auto list = last();
      for (const auto& item : list.items()) {
        if (item.reason() == v1::WORKLIST_REASON_NEXT_UPDATE) continue;  // every open case has one
        items.push_back(v1::WorklistReason_Name(item.reason()).substr(16) + (item.overdue() ? "!" : "") + "/" +
                        item.case_id());
      }
      return items;
    }
    const std::optional<absl::Status>& status() const { return call_->status; }

   private:
    const std::shared_ptr<FakeCall> call_;
  };
  Watch Begin(const std::string& who, runtime::Role role = ROLE_REP, const std::string& request = "",
              const std::string& resume_from = "") {
    auto watch = FromText<v1::WatchWorklistRequest>(request);
    watch.set_resume_from(resume_from);
    auto caller = Asking(who, role, "");
    auto call = std::make_shared<FakeCall>(watch, caller, world_.clock.Now() + absl::Hours(1000));
    for (const auto& known : api_->methods()) {
      if (known.descriptor != nullptr && known.descriptor->name() == "WatchWorklist") known.run(call);
    }
    world_.Run();
    return Watch(std::move(call));
  }
};

TEST_F(WatchWorklist, SendsTheListAndAgainWhenItChanges) {
  const Watch ana = Begin("ana");
  ASSERT_EQ(ana.size(), 1u);
  EXPECT_EQ(ana.items(), (Strings{"OWNED/c1"}));
  Promise(absl::Hours(1));
  EXPECT_EQ(ana.items(), (Strings{"PROMISE_OPEN/c1", "OWNED/c1"}));
  const size_t before = ana.size();
  world_.Write(Topic::kIntake, "case/c2",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c2" owner: "ben" })pb"));
  EXPECT_EQ(ana.size(), before) << "nothing of hers";
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(ana.items(), (Strings{"PROMISE_BROKEN!/c1", "OWNED/c1"}));
}

TEST_F(WatchWorklist, ShowsThatSomethingIsOverdueOrBackWithoutAnyCommit) {
  auto notice = FromText<outage::v1::NoticeEvent>(R"pb(published { notice_id: "n7" owner: "ana" })pb");
  *notice.mutable_published()->mutable_next_update_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  world_.Write(Topic::kOutageNotice, "notice/n7", notice);
  const Watch ana = Begin("ana");
  EXPECT_EQ(ana.items(), (Strings{"NOTICE_UPDATE/", "OWNED/c1"}));
  world_.Pass(absl::Hours(1));
  world_.Pass(absl::Milliseconds(100));
  EXPECT_EQ(ana.items().front(), "NOTICE_UPDATE!/");
  v1::SnoozeWorkItemRequest snooze;
  snooze.set_item_id(ana.last().items().rbegin()->item_id());
  *snooze.mutable_until() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  ASSERT_TRUE(Give<v1::SnoozeWorkItemResponse>("SnoozeWorkItem", snooze).ok());
  EXPECT_EQ(ana.items(), (Strings{"NOTICE_UPDATE!/"}));
  world_.Pass(absl::Hours(1));
  world_.Pass(absl::Milliseconds(100));
  EXPECT_EQ(ana.items(), (Strings{"NOTICE_UPDATE!/", "OWNED/c1"}));
}

TEST_F(WatchWorklist, OfASupervisorFollowsThoseBelow) {
  const Watch sue = Begin("sue", ROLE_SUPERVISOR);
  EXPECT_EQ(sue.items(), Strings());
  const Watch team = Begin("sue", ROLE_SUPERVISOR, "scope: WORKLIST_SCOPE_TEAM");
  EXPECT_EQ(team.items(), (Strings{"OWNED/c1"}));
  Promise(absl::Hours(1));
  EXPECT_EQ(sue.items(), Strings());
  EXPECT_EQ(team.items(), (Strings{"PROMISE_OPEN/c1", "OWNED/c1"}));
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(sue.items(), (Strings{"PROMISE_BROKEN!/c1"}));
}

TEST_F(WatchWorklist, OfCasesThatNobodyHasTakenFollowsThem) {
  const Watch all = Begin("ben", ROLE_REP, "scope: WORKLIST_SCOPE_UNASSIGNED");
  EXPECT_EQ(all.items(), Strings());
  world_.Write(Topic::kIntake, "case/c2",
               FromText<intake::v1::CaseEvent>(
                   R"pb(opened { case_id: "c2" owner: "sue" assignment_reason: ASSIGNMENT_REASON_FALLBACK })pb"));
  EXPECT_EQ(all.items(), (Strings{"OWNED/c2"}));
}

TEST_F(WatchWorklist, GoesOnWhereItEnded) {
  std::string token;
  {
    const Watch ana = Begin("ana");
    token = ana.last().consistency_token();
  }
  {
    const Watch again = Begin("ana", ROLE_REP, "", token);
    EXPECT_EQ(again.size(), 0u) << "she has this list";
    Promise(absl::Hours(1));
    EXPECT_EQ(again.items(), (Strings{"PROMISE_OPEN/c1", "OWNED/c1"}));
    token = again.last().consistency_token();
  }
  Promise(absl::Hours(2));
  const Watch again = Begin("ana", ROLE_REP, "", token);
  EXPECT_EQ(again.items(), (Strings{"PROMISE_OPEN/c1", "PROMISE_OPEN/c1", "OWNED/c1"}));
  const Watch other = Begin("ben", ROLE_REP, "", token);
  ASSERT_TRUE(other.status());
  EXPECT_EQ(other.status()->code(), absl::StatusCode::kInvalidArgument) << "the token of another watch";
}

TEST_F(WatchWorklist, IsForThoseWhoMayReadIt) {
  EXPECT_EQ(runtime::ReasonOf(*Begin("ben", ROLE_REP, R"(person: "ana")").status()), "NOT_YOUR_WORKLIST");
  EXPECT_EQ(Begin("wall", ROLE_READER).status()->code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Begin("wall", ROLE_READER, R"(person: "ana")").items(), (Strings{"OWNED/c1"}));
}

}  // namespace
}  // namespace throughline::ownership
