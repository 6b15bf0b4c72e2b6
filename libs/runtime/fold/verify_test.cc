#include "libs/runtime/fold/verify.h"

#include <gtest/gtest.h>

#include "libs/crypto/sha256.h"
#include "libs/runtime/clock.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/testing/account.h"
#include "libs/runtime/testing/replica.h"
#include "libs/runtime/testing/scripted_log.h"
#include "libs/store/memory_key_value.h"

namespace throughline::runtime::testing {
namespace {

// A log of one partition with five commits on one account and two on another, folded.
class VerifyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Replica replica(DefineAccounts(), log_, store_, nullptr, clock_);
    ASSERT_TRUE(replica.Start().ok());
    for (int i = 0; i < 7; ++i) {
      v1::Deposit deposit;
      deposit.set_amount(10 + i);
      Caller caller = By("ana", common::v1::ROLE_REP);
      caller.command_id = "deposit-" + std::to_string(i);
      auto answer = replica.Send<Account>(i < 5 ? "a" : "b", deposit, caller);
      ASSERT_TRUE(replica.Run().ok());
      ASSERT_TRUE(answer->has_value() && (*answer)->ok());
    }
    for (const log::RecordPtr& record : book_.records.at(kPartition)) records_.push_back(*record);
    ASSERT_EQ(records_.size(), 7u);
  }

  VerifyReport Verify(bool with_store = true) const {
    Verifier::Stores stores;
    if (with_store) stores[log::Topic::kIntake] = &store_;
    store::MemoryKeyValue scratch;
    Verifier verifier(identity_, definition_->types, std::move(stores), scratch);
    for (const log::Record& record : records_) verifier.Add(record);
    return verifier.Finish();
  }

  // One problem is named, and it is at this offset.
  void ExpectBrokenAt(int64_t offset, const VerifyReport& report) {
    ASSERT_FALSE(report.holds());
    EXPECT_NE(report.problems.front().find("/0@" + std::to_string(offset)), std::string::npos)
        << report.problems.front();
  }

  const log::Identity identity_{"book", {{log::Topic::kIntake, "", 1}}};
  const std::unique_ptr<Definition> definition_ = DefineAccounts();
  static constexpr log::Partition kPartition{log::Topic::kIntake, 0};
  Book book_{1};
  ScriptedLog log_{book_};
  store::MemoryKeyValue store_;
  ManualClock clock_{Noon()};
  std::vector<log::Record> records_;
};

TEST_F(VerifyTest, RemembersStreamsThatItHasWrittenOut) {
  Replica replica(DefineAccounts(), log_, store_, nullptr, clock_);
  ASSERT_TRUE(replica.Start().ok());
  const auto deposit = [&](int account, const std::string& command_id) {
    v1::Deposit deposit;
    deposit.set_amount(1);
    Caller caller = By("ana", common::v1::ROLE_REP);
    caller.command_id = command_id;
    replica.Send<Account>("many-" + std::to_string(account), deposit, caller);
    ASSERT_TRUE(replica.Run().ok());
  };
  constexpr int kAccounts = 4100;  // more than the verifier keeps in memory
  for (int i = 0; i < kAccounts; ++i) deposit(i, "first");
  deposit(0, "second");
  records_.clear();
  for (const log::RecordPtr& record : book_.records.at(kPartition)) records_.push_back(*record);

  const VerifyReport report = Verify();
  EXPECT_TRUE(report.holds()) << report.problems.front();
  EXPECT_EQ(report.topics[0].streams, kAccounts + 2);
  EXPECT_EQ(report.topics[0].accepted, kAccounts + 8);

  // Without its first commit, the last one of the first of them does not follow any more.
  records_[7] = log::Record{kPartition, 7, "", "", 1};
  EXPECT_FALSE(Verify().holds());
}

TEST_F(VerifyTest, CountsAnAcceptedGapUnlessARecordWasFoldedThere) {
  records_.push_back(log::Record{kPartition, 8, "", "", 2});  // 7 and 8
  const VerifyReport report = Verify();
  EXPECT_TRUE(report.holds()) << report.problems.front();
  EXPECT_EQ(report.topics[0].gaps, 2);
  EXPECT_EQ(report.topics[0].records, 7);

  records_.pop_back();
  records_[6] = log::Record{kPartition, 6, "", "", 1};
  ExpectBrokenAt(6, Verify());
}

TEST_F(VerifyTest, HoldsForWhatWasFolded) {
  const VerifyReport report = Verify();
  EXPECT_TRUE(report.holds()) << report.problems.front();
  const auto& topic = report.topics[static_cast<size_t>(log::Topic::kIntake)];
  EXPECT_EQ(topic.accepted, 7);
  EXPECT_EQ(topic.compared, 7);
  EXPECT_EQ(topic.streams, 2);
}

TEST_F(VerifyTest, NamesEveryByteThatWasChanged) {
  const std::vector<log::Record> whole = records_;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (size_t byte = 0; byte < whole[at].value.size(); ++byte) {
      records_ = whole;
      records_[at].value[byte] = static_cast<char>(records_[at].value[byte] ^ 1);
      ExpectBrokenAt(static_cast<int64_t>(at), Verify());
    }
  }
}

TEST_F(VerifyTest, NamesTheRecordAfterOneThatWasRemoved) {
  records_.erase(records_.begin() + 2);
  ExpectBrokenAt(3, Verify());
}

TEST_F(VerifyTest, NamesRemovedRecordsWhoseOffsetsWereClosedUp) {
  records_.erase(records_.begin() + 2);
  for (size_t i = 2; i < records_.size(); ++i) records_[i].offset = static_cast<int64_t>(i);
  ExpectBrokenAt(2, Verify());
}

TEST_F(VerifyTest, NamesASwappedPair) {
  std::swap(records_[1].value, records_[2].value);
  ExpectBrokenAt(1, Verify());
}

TEST_F(VerifyTest, NoticesAMissingEnd) {
  records_.pop_back();
  ExpectBrokenAt(6, Verify());
}

TEST_F(VerifyTest, WithoutAStoreChecksTheChainAlone) {
  const VerifyReport report = Verify(false);
  EXPECT_TRUE(report.holds());
  EXPECT_EQ(report.topics[0].compared, 0);
  records_.erase(records_.begin() + 2);
  EXPECT_FALSE(Verify(false).holds());
}

TEST_F(VerifyTest, WithoutAStoreSuspectsWhatFollowsARecordThatWasChanged) {
  EXPECT_EQ(Verify(false).suspicion_count, 0);
  const std::vector<log::Record> whole = records_;
  for (size_t at : {size_t{0}, size_t{3}, size_t{5}}) {  // each has one after it on its stream
    for (size_t byte = 0; byte < whole[at].value.size(); ++byte) {
      records_ = whole;
      records_[at].value[byte] = static_cast<char>(records_[at].value[byte] ^ 1);
      const VerifyReport report = Verify(false);
      EXPECT_TRUE(report.suspicion_count > 0 || !report.holds()) << at << " byte " << byte;
    }
  }
}

// As written by a service that applied its own commits without reading them back.
TEST_F(VerifyTest, NamesAnAcceptedCommitWhoseEventNobodyCanRead) {
  throughline::log::v1::Commit commit;
  ASSERT_TRUE(commit.ParseFromString(records_.back().value));
  commit.mutable_events(0)->set_data("noise");
  records_.back().value = commit.SerializeAsString();
  const VerifyReport report = Verify();
  ExpectBrokenAt(6, report);
  EXPECT_NE(report.problems.front().find("cannot be read"), std::string::npos) << report.problems.front();
}

TEST_F(VerifyTest, JudgesACommitOfANewerVersionByItsHeader) {
  throughline::log::v1::Commit commit;
  ASSERT_TRUE(commit.ParseFromString(records_.back().value));
  commit.set_follows(crypto::Sha256(records_.back().value));
  commit.set_version(commit.version() + 1);
  commit.set_command_id("newer");
  commit.mutable_events(0)->set_type("throughline.runtime.testing.v1.Frozen");
  records_.push_back({kPartition, 7, commit.stream(), commit.SerializeAsString()});
  const VerifyReport report = Verify();
  EXPECT_TRUE(report.holds()) << report.problems.front();
  EXPECT_EQ(report.topics[0].accepted, 8);
  EXPECT_EQ(report.suspicion_count, 1) << "and says that it did not read it";
}

TEST_F(VerifyTest, CountsVoidCommitsAndForeignRecords) {
  log::Record again = records_[4];
  again.offset = 7;
  records_.push_back(again);
  records_.push_back({kPartition, 8, "noise", "noise"});
  const VerifyReport report = Verify();
  EXPECT_TRUE(report.holds()) << report.problems.front();
  EXPECT_EQ(report.topics[0].voided, 1);
  EXPECT_EQ(report.topics[0].not_commits, 1);
}

}  // namespace
}  // namespace throughline::runtime::testing
