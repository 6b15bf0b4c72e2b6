// Remedies as a user of the tool sees them: the built program against a running suite.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/suite_process.h"
#include "tests/support/test_directory.h"

namespace throughline {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class UserOfRemedies : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(suite_.Start().ok());
    EXPECT_EQ(Type("--as sam availability on-duty").exit_code, 0);
    case_ = Json("--as ana case open --customer C-1 --channel phone --subject late --text 'It is late'")["case_id"];
  }
  void TearDown() override { EXPECT_EQ(suite_.Terminate(), 0); }

  testing::Finished Type(const std::string& line) {
    return testing::Run({"/bin/sh", "-c",
                         absl::StrCat("exec ", testing::Program("throughline"), " --data ", suite_.data(),
                                      " --address ", suite_.address(), " ", line)});
  }
  json Json(const std::string& line) {
    const testing::Finished ended = Type("--json " + line);
    EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err;
    return json::parse(ended.out, nullptr, false);
  }
  // What it prints, if it succeeds.
  std::string Says(const std::string& line) {
    const testing::Finished ended = Type(line);
    EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err;
    return ended.out;
  }
  void IsRefused(const std::string& line, const std::string& what) {
    const testing::Finished ended = Type(line);
    EXPECT_NE(ended.exit_code, 0) << line;
    EXPECT_THAT(ended.err, HasSubstr(what)) << line;
  }
  std::string Request(const std::string& amount) {
    return Json(absl::StrCat("--as ana remedy request ", case_, " --kind refund --reason 'it was late' --amount '",
                             amount, "'"))["remedy_id"];
  }

  TestDirectory directory_;
  testing::SuiteProcess suite_{directory_.path() + "/data"};
  std::string case_;
};

TEST_F(UserOfRemedies, SeesWhatTheyMayDoAndDoesIt) {
  const std::string options = Says("--as ana case options " + case_);
  EXPECT_THAT(options, HasSubstr("up to 50.00 EUR"));
  EXPECT_THAT(options, HasSubstr("sam"));
  EXPECT_THAT(options, HasSubstr("More time"));
  EXPECT_THAT(Says("--as ana remedy grant " + case_ + " --kind credit --amount '20 EUR' --reason 'it was late'"),
              HasSubstr("Granted 20.00 EUR"));
  IsRefused("--as ana remedy grant " + case_ + " --kind credit --amount '40 EUR' --reason r", "30.00 EUR");
  IsRefused("--as ana remedy grant " + case_ + " --kind credit --amount '40 euros' --reason r", "ISO 4217");
  IsRefused("--as ana remedy grant " + case_ + " --kind gift --amount '4 EUR' --reason r", "gift");
  EXPECT_THAT(Says("--as ana remedy list " + case_), HasSubstr("20.00 EUR"));
  EXPECT_THAT(Says("--as ana case show " + case_), HasSubstr("REMEDY"));
  EXPECT_THAT(Says("--as ana case history " + case_), HasSubstr("ana grants the customer a credit of 20.00 EUR"));
}

TEST_F(UserOfRemedies, AsksASupervisorWhoDecides) {
  const std::string first = Request("80.00 USD");
  EXPECT_THAT(Says("--as sam worklist"), HasSubstr("80.00 USD"));
  EXPECT_THAT(Says("--as sam approve " + case_ + " --amount '70.00 USD'"), HasSubstr("Approved")) << "the open one";
  EXPECT_THAT(Says("--as ana remedy show " + case_ + " " + first), HasSubstr("70.00 USD"));
  Request("81.00 USD");
  Says("--as sam remedy decline " + case_ + " --reason 'that is all'");
  Request("82.00 USD");
  Says("--as sam remedy counter " + case_ + " --kind credit --amount '10.00 USD' --reason 'for next time'");
  Says("--as ana remedy accept " + case_);
  Request("83.00 USD");
  Says("--as sam remedy counter " + case_ + " --kind credit --amount '10.00 USD' --reason 'for next time'");
  Says("--as ana remedy reject " + case_ + " --reason 'too little'");
  Request("84.00 USD");
  Says("--as ana remedy withdraw " + case_ + " --reason 'solved'");
  IsRefused("--as ana remedy approve " + case_ + " " + first, "PERMISSION_DENIED");
}

TEST_F(UserOfRemedies, PaysOnce) {
  const std::string remedy =
      Json("--as ana remedy grant " + case_ + " --kind refund --amount '20 EUR' --reason 'it was late'")["remedy_id"];
  const std::string about = absl::StrCat(case_, " ", remedy, " ", remedy);
  EXPECT_THAT(Says("--as webshop remedy to-pay"), HasSubstr(remedy));
  Says("--as webshop remedy hand-off " + about);
  EXPECT_THAT(Says("--as webshop remedy to-pay"), HasSubstr("Nothing is to be paid"));
  EXPECT_THAT(Says("--as webshop remedy to-pay --handed-off"), HasSubstr("webshop"));
  Says("--as webshop remedy failed " + about + " --reason 'no such account'");
  EXPECT_THAT(Says("--as ana worklist"), HasSubstr("no such account"));
  Says("--as ana remedy retry " + case_ + " --reason 'right account'");
  const json listed = Json("--as webshop remedy to-pay");
  const std::string payment = listed["remedies"][0]["remedy"]["payment_id"];
  const std::string again = absl::StrCat(case_, " ", remedy, " ", payment);
  IsRefused("--as webshop remedy hand-off " + about, "PAYMENT_ENDED");
  Says("--as webshop remedy hand-off " + again);
  Says("--as webshop remedy paid " + again + " --reference T-1");
  EXPECT_THAT(Says("--as ana remedy show " + case_ + " " + remedy), HasSubstr("T-1"));
}

}  // namespace
}  // namespace throughline
