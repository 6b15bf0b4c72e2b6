// The matrix detects what it should: violations in the topics are found, and legal records are not reported.

#include "tests/faults/matrix/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "tests/faults/matrix/examine.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::faults {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using throughline::log::v1::Commit;

constexpr int32_t kPartitions = 3;

class AuditTest : public ::testing::Test {
 protected:
  Commit Made(const std::string& stream, uint64_t version, const std::string& follows, const std::string& command) {
    Commit commit;
    commit.set_stream(stream);
    commit.set_version(version);
    commit.set_follows(follows);
    commit.set_command_id(command);
    commit.mutable_actor()->set_id(kPerson);
    commit.add_events()->set_type("x");
    return commit;
  }
  // Returns the record's digest.
  std::string Write(const Commit& commit, log::Topic topic = log::Topic::kIntake) {
    const log::Partition partition{topic, log::PartitionFor(commit.stream(), kPartitions)};
    const std::string value = commit.SerializeAsString();
    audit_.Add({partition, next_[partition]++, commit.stream(), value});
    return crypto::Sha256(value);
  }
  // Adds a command to the ledger with this outcome.
  void Sent(const std::string& id, const absl::Status& answer, Ledger::Kind kind = Ledger::Kind::kInteraction) {
    auto request = std::make_unique<intake::v1::RecordInteractionRequest>();
    request->set_command_id(id);
    ledger_.Note(
        *ledger_.Write(kind, std::move(request), std::make_unique<intake::v1::RecordInteractionResponse>(), "1"),
        answer);
  }
  Outcome Held() {
    Outcome outcome;
    HoldAgainst(audit_, ledger_, outcome);
    return outcome;
  }

  Audit audit_{"", "test", kPartitions};
  Ledger ledger_{"/dev/null", "t", Ledger::Mix()};
  std::map<log::Partition, int64_t> next_;
};

TEST_F(AuditTest, ALostRaceAndARetryAreLegal) {
  const std::string first = Write(Made("case/1", 1, "", "a"));
  Write(Made("case/1", 2, first, "b"));
  Write(Made("case/1", 2, first, "b"));  // a retry, void
  Sent("a", absl::OkStatus());
  Sent("b", absl::UnavailableError(""));
  const Outcome outcome = Held();
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_TRUE(outcome.holds());
  EXPECT_EQ(audit_.accepted(), 2);
  EXPECT_EQ(audit_.voided(), 1);
}

TEST_F(AuditTest, AMissingAcknowledgedCommandIsLost) {
  Sent("a", absl::OkStatus());
  EXPECT_EQ(Held().lost, 1);
}

TEST_F(AuditTest, ACommandOnTwoStreamsIsDoubled) {
  Write(Made("case/1", 1, "", "a"));
  Write(Made("case/2", 1, "", "a"));
  Sent("a", absl::OkStatus());
  EXPECT_EQ(Held().doubled, 1);
}

TEST_F(AuditTest, ACommandTwiceOnItsStreamIsFound) {
  Write(Made("case/1", 2, Write(Made("case/1", 1, "", "a")), "a"));
  Sent("a", absl::OkStatus());
  EXPECT_EQ(Held().doubled, 1);
  EXPECT_THAT(audit_.problems(), ElementsAre(HasSubstr("a second time")));
}

TEST_F(AuditTest, ARefusedCommandMustHaveNoEffect) {
  Write(Made("case/1", 1, "", "a"));
  Sent("a", absl::FailedPreconditionError(""), Ledger::Kind::kDoomed);
  EXPECT_THAT(Held().problems, ElementsAre(HasSubstr("was refused and took effect")));
}

TEST_F(AuditTest, AValidCommandMustNotBeRefused) {
  Sent("a", absl::NotFoundError("no such case"));
  EXPECT_THAT(Held().problems, ElementsAre(HasSubstr("without a reason")));
}

TEST_F(AuditTest, AnEffectWithoutACommandIsFound) {
  Write(Made("case/1", 1, "", "a"));
  EXPECT_THAT(Held().problems, ElementsAre(HasSubstr("nobody sent")));
}

TEST_F(AuditTest, AVersionThatIsNotTheNextIsFound) {
  const std::string first = Write(Made("case/1", 1, "", "a"));
  Write(Made("case/1", 3, first, "b"));
  EXPECT_EQ(audit_.not_commits(), 1);
  Write(Made("case/1", 2, first, "c"));
  EXPECT_THAT(audit_.problems(), IsEmpty());
}

TEST_F(AuditTest, ACommitWithAnUnreadableEventIsFound) {
  const std::string first = Write(Made("case/1", 1, "", "a"));
  throughline::log::v1::Commit unreadable = Made("case/1", 2, first, "b");
  unreadable.add_events()->set_data("\xff noise");
  Write(unreadable);
  Write(Made("case/1", 2, first, "c"));
  EXPECT_EQ(audit_.not_commits(), 1);
  EXPECT_EQ(audit_.accepted(), 2);
}

TEST_F(AuditTest, AnOrderAtRiskHasOneCase) {
  supplier::v1::OrderEvent risk;
  risk.mutable_promise_at_risk();
  Commit order = Made("order/SO-1", 1, "", "a");
  order.mutable_events(0)->set_data(risk.SerializeAsString());
  Write(order, log::Topic::kSupplierTracking);
  Sent("a", absl::OkStatus());
  EXPECT_EQ(audit_.risks().at("SO-1"), 0);
  for (const std::string id : {"1", "2"}) {
    intake::v1::CaseEvent opened;
    opened.mutable_opened()->set_case_id(id);
    opened.mutable_opened()->set_owner("sam");
    opened.mutable_opened()->set_order_id("SO-1");
    opened.mutable_opened()->set_channel(intake::v1::CHANNEL_PROACTIVE);
    Commit commit = Made("case/" + id, 1, "", "reaction-" + id);
    commit.mutable_actor()->set_id("throughline.intake");
    commit.mutable_events(0)->set_data(opened.SerializeAsString());
    Write(commit);
  }
  EXPECT_EQ(Held().doubled, 1);
}

TEST_F(AuditTest, ACaseWithoutAnOwnerIsFound) {
  intake::v1::CaseEvent opened;
  opened.mutable_opened()->set_case_id("1");
  Commit commit = Made("case/1", 1, "", "a");
  commit.mutable_events(0)->set_data(opened.SerializeAsString());
  Write(commit);
  EXPECT_THAT(audit_.problems(), ElementsAre(HasSubstr("without an owner")));
}

TEST_F(AuditTest, AHoleInAPartitionIsFound) {
  Write(Made("case/1", 1, "", "a"));
  for (auto& [partition, next] : next_) ++next;
  Write(Made("case/1", 2, "", "b"));
  EXPECT_THAT(audit_.problems(), ElementsAre(HasSubstr("offset 1 was expected")));
}

}  // namespace
}  // namespace throughline::faults
