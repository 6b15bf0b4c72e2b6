// Persons as a user of the tool and an operator of the credentials sees them: the built program against a running
// suite.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "libs/identity/tokens.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/suite_process.h"
#include "tests/support/test_directory.h"

namespace throughline {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class UserOfPersons : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(suite_.Start().ok()); }
  void TearDown() override { EXPECT_EQ(suite_.Terminate(), 0); }

  // Runs `throughline` with these words, quoted as in a shell.
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
  void Succeeds(const std::string& line) {
    const testing::Finished ended = Type(line);
    EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err;
  }
  void IsRefused(const std::string& line, const std::string& reason) {
    const testing::Finished ended = Type(line);
    EXPECT_NE(ended.exit_code, 0) << line;
    EXPECT_THAT(ended.err, HasSubstr(reason)) << line;
  }
  std::string OpenCase(const std::string& as) {
    return Json("--as " + as +
                " case open --customer C-1 --channel phone --subject late --text 'Where is it?'")["case_id"];
  }
  std::string OwnerOf(const std::string& case_id) { return Json("--as sam case show " + case_id)["case"]["owner"]; }
  json Person(const std::string& person) { return Json("--as sam person show " + person)["person"]; }
  bool IsDeactivated(const std::string& person) { return Person(person).value("deactivated", false); }

  TestDirectory directory_;
  testing::SuiteProcess suite_{directory_.path() + "/data"};
};

TEST_F(UserOfPersons, SeesWhoWorksHereAsSoonAsTheSuiteIsReady) {
  EXPECT_EQ(Person("ana")["profile"]["team"], "care");
  EXPECT_EQ(Person("ana")["above"], "sam");
  EXPECT_EQ(Json("person list")["persons"].size(), 3u) << "ana, ben, sam: no carrier, no system, no reader";
  IsRefused("person show ups", "PERSON_UNKNOWN");
  const std::string team = Type("--as sam team").out;
  for (const char* person : {"ana", "ben", "sam"}) EXPECT_THAT(team, HasSubstr(person));
}

TEST_F(UserOfPersons, ChangesThemAndSendsThemAway) {
  Succeeds("--as sam person change ben --team returns --above sam --skill billing --capacity 20 --reason 'new desk'");
  const json ben = Person("ben");
  EXPECT_EQ(ben["profile"]["team"], "returns");
  EXPECT_EQ(ben["profile"]["capacity"], 20);
  IsRefused("--as sam person change sam --above sam", "above themselves");
  IsRefused("--as sam person change ups --team returns", "PERSON_UNKNOWN");
  const std::string absence = Json("--as ben person absent --until +3d --reason training")["absence_id"];
  const std::string id = OpenCase("ana");
  IsRefused("case offer " + id + " ben --reason r", "PERSON_ABSENT");
  Succeeds("--as ben person back " + absence);
  Succeeds("case offer " + id + " ben --reason r");
  Succeeds("case withdraw " + id + " --reason 'done meanwhile'");
  Succeeds("--as sam case reassign " + id + " ben --reason 'knows it'");
  EXPECT_EQ(OwnerOf(id), "ben");
  for (const char* nobody : {"ups", "dashboard", "admin", "webshop", "nobody"}) {
    IsRefused(absl::StrCat("--as sam case reassign ", id, " ", nobody, " --reason r"), "PERSON_UNKNOWN");
  }
  IsRefused("--as sam case reassign " + id + " \"$(printf 'ben\\nx')\" --reason r", "TO contains");
}

TEST_F(UserOfPersons, MovesWhatSomebodyOwesWhenTheyLeave) {
  const std::string id = OpenCase("ben");
  Succeeds("--as webshop order place SO-1 --customer C-1 --promised-by +3d --line 1:LAMP:1:acme --owner ben");
  Succeeds("--as sam notice define web --name Web");
  const std::string notice = Json(
      "--as ben notice publish --kind outage --expected-end-unknown --component web --title Down --what 'It fails' "
      "--next-update +1h")["notice_id"];
  Succeeds("--as sam person deactivate ben --reason 'left the company'");
  EXPECT_TRUE(Eventually([&] { return OwnerOf(id) == "sam"; }));
  EXPECT_TRUE(Eventually([&] { return Json("order trace SO-1")["order"]["owner"] == "sam"; }));
  EXPECT_TRUE(Eventually([&] { return Json("notice list")["notices"][0]["owner"] == "sam"; })) << notice;
  IsRefused("--as ben case open --customer C-1 --channel phone --subject s --text t", "PERSON_DEACTIVATED");
  IsRefused("--as sam order reassign SO-1 ben --reason r", "PERSON_DEACTIVATED");
  IsRefused("--as sam notice reassign " + notice + " ben --reason r", "PERSON_DEACTIVATED");
  Succeeds("--as sam person reactivate ben --reason 'is back'");
  EXPECT_EQ(OwnerOf(id), "sam") << "what was moved stays";
  Succeeds("--as sam order reassign SO-1 ben --reason 'is back'");
  Succeeds("--as sam notice reassign " + notice + " ben --reason 'is back'");
}

TEST_F(UserOfPersons, ARevokedCredentialMovesWhatTheyOwe) {
  const std::string id = OpenCase("ben");
  Succeeds("token revoke ben");
  EXPECT_TRUE(Eventually([&] { return OwnerOf(id) == "sam"; }));
  EXPECT_THAT(Person("ben")["deactivation_reason"], HasSubstr("revoked"));
}

TEST_F(UserOfPersons, ACredentialThatIsNotInTheFileAnyMoreMovesWhatTheyOwe) {
  const std::string id = OpenCase("ana");
  const std::string path = identity::TokensPath(suite_.data());
  auto records = identity::ReadTokenFile(path);
  ASSERT_TRUE(records.ok()) << records.status();
  std::erase_if(*records, [](const identity::TokenRecord& record) { return record.identity.name == "ana"; });
  ASSERT_TRUE(identity::WriteTokenFile(path, *records).ok());
  EXPECT_TRUE(Eventually([&] { return OwnerOf(id) == "sam"; }));
  EXPECT_TRUE(IsDeactivated("ana"));
  EXPECT_FALSE(IsDeactivated("ben"));
}

TEST_F(UserOfPersons, ANewCredentialMakesItsHolderKnown) {
  Succeeds("token create carla --role rep --team returns");
  EXPECT_TRUE(Eventually([&] { return Type("--as sam person show carla").exit_code == 0; }));
  EXPECT_EQ(Person("carla")["profile"]["team"], "returns");
  const std::string id = OpenCase("ana");
  Succeeds("--as sam case reassign " + id + " carla --reason 'knows it'");
}

}  // namespace
}  // namespace throughline
