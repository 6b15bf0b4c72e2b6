// kill -9 on `throughline up` under load, at random moments and at named kill points, against an outside ledger.

#include <random>

#include "absl/strings/str_join.h"
#include <gtest/gtest.h>

#include "tests/faults/ledger.h"
#include "tests/support/eventually.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::testing {
namespace {

void ExpectVerifyHolds(const std::string& data) {
  const Finished verify = Run({Program("throughline"), "verify", "--data", data});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

uint32_t Seed() {
  const char* given = std::getenv("THROUGHLINE_SEED");
  const uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::stoul(given)) : std::random_device()();
  printf("seed %u (replay with THROUGHLINE_SEED=%u)\n", seed, seed);
  return seed;
}

TEST(Kill, TwentyTimesAtRandomMomentsLosesAndDoublesNothing) {
  TestDirectory directory;
  Ledger ledger(directory.path() + "/ledger.txt");
  SuiteProcess suite(directory.path() + "/data");
  std::mt19937 random(Seed());
  for (int round = 0; round < 20; ++round) {
    const absl::Status started = suite.Start();
    ASSERT_TRUE(started.ok()) << started;
    Load load(ledger, suite, "r" + std::to_string(round));
    // A random moment counted in answers, not in time, so that there is load on every machine.
    const int64_t enough = ledger.totals().acknowledged + std::uniform_int_distribution<int64_t>(50, 1500)(random);
    ledger.AwaitAcknowledged(enough);
    suite.Kill();
  }
  const Ledger::Totals totals = ledger.totals();
  printf("sent %ld, acknowledged %ld, unknown %ld, refused %ld\n", totals.sent, totals.acknowledged, totals.unknown,
         totals.refused);
  EXPECT_GT(totals.unknown, 0) << "nothing was under way when it was killed: the test shows nothing";
  const absl::Status started = suite.Start();
  ASSERT_TRUE(started.ok()) << started;
  const std::vector<std::string> wrong = ledger.SettleAndCheck(client::Client(suite.OptionsFor("ana")));
  EXPECT_TRUE(wrong.empty()) << absl::StrJoin(wrong, "\n");
  EXPECT_EQ(suite.Terminate(), 0);
  ExpectVerifyHolds(suite.data());
}

class KillPoint : public ::testing::TestWithParam<const char*> {};

// Killed at one exact place, three times: the effect is there, or the retry makes it; never twice.
TEST_P(KillPoint, HasNoSecondEffect) {
  TestDirectory directory;
  Ledger ledger(directory.path() + "/ledger.txt");
  SuiteProcess suite(directory.path() + "/data");
  for (int round = 0; round < 3; ++round) {
    // A start comes to it some times, too: everybody who has a credential is made known before it is ready.
    const absl::Status started =
        suite.Start({}, {"THROUGHLINE_KILL_POINT=" + std::string(GetParam()) + ":" + std::to_string(120 + 60 * round)});
    ASSERT_TRUE(started.ok()) << started;
    Load load(ledger, suite, "r" + std::to_string(round));
    EXPECT_EQ(suite.Wait(), 128 + 9);
  }
  const absl::Status started = suite.Start();
  ASSERT_TRUE(started.ok()) << started;
  const std::vector<std::string> wrong = ledger.SettleAndCheck(client::Client(suite.OptionsFor("ana")));
  EXPECT_TRUE(wrong.empty()) << absl::StrJoin(wrong, "\n");
  EXPECT_EQ(suite.Terminate(), 0);
  ExpectVerifyHolds(suite.data());
}

INSTANTIATE_TEST_SUITE_P(Named, KillPoint, ::testing::Values("folded", "appended"));

// The matter is reserved, and nobody has given the command that opens its case.
TEST(Kill, BetweenAReservationAndItsCaseLosesNoContact) {
  TestDirectory directory;
  SuiteProcess suite(directory.path() + "/data");
  absl::Status started = suite.Start({}, {"THROUGHLINE_KILL_POINT=reserved:1"});
  ASSERT_TRUE(started.ok()) << started;
  intake::v1::OpenCaseRequest contact;
  contact.set_command_id("contact-1");
  contact.set_customer_id("C-1");
  contact.set_subject("Late");
  contact.set_text("Where is it?");
  contact.set_channel(intake::v1::CHANNEL_PHONE);
  contact.set_order_id("SO-1");
  {
    client::Options once = suite.OptionsFor("ana");
    once.tries = 1;
    EXPECT_FALSE(client::Client(once).Call<intake::v1::OpenCaseResponse>(contact).ok());
  }
  EXPECT_EQ(suite.Wait(), 128 + 9);
  started = suite.Start();
  ASSERT_TRUE(started.ok()) << started;
  const client::Client ana(suite.OptionsFor("ana"));
  intake::v1::ListCasesRequest about;
  about.set_order_id("SO-1");
  std::string case_id;
  EXPECT_TRUE(Eventually([&] {  // without anybody asking again
    const auto cases = ana.Call<intake::v1::ListCasesResponse>(about);
    if (cases.ok() && cases->cases_size() == 1) case_id = cases->cases(0).case_id();
    return !case_id.empty();
  }));
  const auto again = ana.Call<intake::v1::OpenCaseResponse>(contact);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->case_id(), case_id);
  EXPECT_FALSE(again->joined());
  contact.set_command_id("contact-2");
  const auto joined = ana.Call<intake::v1::OpenCaseResponse>(contact);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->case_id(), case_id);
  EXPECT_TRUE(joined->joined());
  EXPECT_EQ(joined->version(), 2u);
  EXPECT_EQ(suite.Terminate(), 0);
  ExpectVerifyHolds(suite.data());
}

}  // namespace
}  // namespace throughline::testing
