#include "libs/identity/tokens.h"

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "libs/crypto/sha256.h"
#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/test_directory.h"

namespace throughline::identity {
namespace {

using common::v1::ROLE_PARTNER;
using common::v1::ROLE_READER;
using common::v1::ROLE_REP;
using common::v1::ROLE_SUPERVISOR;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr TokenStore::Options kAtOnce = {.look_for_changes_every = absl::ZeroDuration()};

std::string ReadAll(const std::string& path) { return files::ReadFile(path).value_or(""); }

mode_t ModeOf(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

// What is logged while it lives.
class Logged {
 public:
  Logged() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)));
  }
  ~Logged() { spdlog::set_default_logger(before_); }
  std::string Take() {
    const std::string lines = lines_.str();
    lines_.str("");
    return lines;
  }

 private:
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream lines_;
};

class TokensTest : public ::testing::Test {
 protected:
  const TestDirectory scratch;
  const std::string directory = scratch.path();
  const std::string path = TokensPath(directory);
};

TEST_F(TokensTest, ReturnsTheIdentityOfAToken) {
  const auto token = CreateToken(path, {"ana", {ROLE_SUPERVISOR, ROLE_REP}, "", "care"}, absl::UnixEpoch());
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_TRUE(std::regex_match(*token, std::regex("tl_ana_[A-Za-z0-9_-]{43}")));
  auto store = TokenStore::Load(path);
  ASSERT_TRUE(store.ok()) << store.status();
  for (int i = 0; i < 2; ++i) {  // the second time from the thread's cache
    const auto identity = (*store)->Authenticate(*token);
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ((*identity)->name, "ana");
    EXPECT_THAT((*identity)->roles, ElementsAre(ROLE_REP, ROLE_SUPERVISOR));
    EXPECT_EQ((*identity)->team, "care");
  }
}

TEST_F(TokensTest, RefusesUnknownTokensOfAllKinds) {
  const auto token = CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch());
  auto store = TokenStore::Load(path);
  std::string changed = *token;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  for (const std::string& wrong : {std::string(), std::string("ana"), changed, *token + "x"}) {
    EXPECT_EQ(runtime::ReasonOf((*store)->Authenticate(wrong).status()), "BAD_TOKEN") << wrong;
  }
}

TEST_F(TokensTest, AppliesChangesWithoutARestart) {
  const auto ana = CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch());
  auto store = TokenStore::Load(path, kAtOnce);
  EXPECT_TRUE((*store)->Authenticate(*ana).ok());
  const auto ups = CreateToken(path, {"ups", {ROLE_PARTNER}, "ups", ""}, absl::UnixEpoch());
  const auto partner = (*store)->Authenticate(*ups);
  ASSERT_TRUE(partner.ok());
  EXPECT_EQ((*partner)->party, "ups");
  ASSERT_TRUE(RevokeToken(path, "ana").ok());
  EXPECT_EQ(runtime::ReasonOf((*store)->Authenticate(*ana).status()), "TOKEN_DISABLED");
  const auto tokens = (*store)->List();
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_TRUE(tokens[0].disabled);
  EXPECT_EQ(tokens[1].identity.name, "ups");
  // A name can be given again once its token is revoked.
  EXPECT_EQ(CreateToken(path, {"ups", {ROLE_PARTNER}, "ups", ""}, absl::UnixEpoch()).status().code(),
            absl::StatusCode::kAlreadyExists);
  const auto again = CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch());
  EXPECT_TRUE((*store)->Authenticate(*again).ok());
}

TEST_F(TokensTest, KeepsItsTokensWhenTheFileIsDamaged) {
  const auto token = CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch());
  auto store = TokenStore::Load(path, kAtOnce);
  ASSERT_TRUE(WritePrivateFile(path, "nonsense\n").ok());
  EXPECT_TRUE((*store)->Authenticate(*token).ok());
  EXPECT_THAT(std::string(TokenStore::Load(path).status().message()), HasSubstr(":1 is not a credential"));
}

TEST_F(TokensTest, LogsOncePerChangeThatItCannotReadTheFile) {
  const auto token = CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch());
  auto store = TokenStore::Load(path, kAtOnce);
  const std::string whole = ReadAll(path);
  Logged logged;
  ASSERT_TRUE(WritePrivateFile(path, "nonsense\n").ok());
  EXPECT_TRUE((*store)->Authenticate(*token).ok());
  EXPECT_THAT(logged.Take(), HasSubstr(":1 is not a credential"));
  EXPECT_TRUE((*store)->Authenticate(*token).ok());
  EXPECT_EQ(logged.Take(), "");
  ASSERT_TRUE(WritePrivateFile(path, "other nonsense\n").ok());
  EXPECT_TRUE((*store)->Authenticate(*token).ok());
  EXPECT_THAT(logged.Take(), HasSubstr("stay in force"));
  ASSERT_TRUE(WritePrivateFile(path, whole).ok());
  EXPECT_TRUE((*store)->Authenticate(*token).ok());
  EXPECT_EQ(logged.Take(), "");
}

// A service that reads the file through its group has to see the revocation.
TEST_F(TokensTest, KeepsOwnerAndGroupOfTheFile) {
  ASSERT_TRUE(CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch()).ok());
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path.c_str(), 1, 2), 0);
  }
  struct stat before, after;
  ASSERT_EQ(stat(path.c_str(), &before), 0);
  ASSERT_TRUE(RevokeToken(path, "ana").ok());
  ASSERT_EQ(stat(path.c_str(), &after), 0);
  EXPECT_NE(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  EXPECT_EQ(after.st_mode & 0777, 0640u);
}

TEST_F(TokensTest, RefusesAFileThatOthersMayWrite) {
  ASSERT_TRUE(CreateToken(path, {"ana", {ROLE_REP}, "", ""}, absl::UnixEpoch()).ok());
  EXPECT_EQ(ModeOf(path), 0600u);
  chmod(path.c_str(), 0666);
  EXPECT_THAT(std::string(TokenStore::Load(path).status().message()), HasSubstr("chmod 600"));
  EXPECT_EQ(TokenStore::Load(path + ".missing").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TokensTest, RefusesBadIdentities) {
  for (const Identity& bad :
       {Identity{"Ana", {ROLE_REP}, "", ""}, Identity{"", {ROLE_REP}, "", ""}, Identity{"a_b", {ROLE_REP}, "", ""},
        Identity{"ana", {}, "", ""}, Identity{"ups", {ROLE_PARTNER}, "", ""}, Identity{"ups", {ROLE_PARTNER}, " ", ""},
        Identity{"ups", {ROLE_REP, ROLE_PARTNER}, "", "care"}}) {
    EXPECT_EQ(CreateToken(path, bad, absl::UnixEpoch()).status().code(), absl::StatusCode::kInvalidArgument)
        << bad.name;
  }
  EXPECT_EQ(TokenStore::Load(path).status().code(), absl::StatusCode::kNotFound) << "nothing was written";
  EXPECT_EQ(RevokeToken(path, "nobody").code(), absl::StatusCode::kNotFound);
}

// Whoever wrote the file: a partner without a party would act for everybody.
TEST_F(TokensTest, RefusesAFileWithABadIdentity) {
  const std::string digest = crypto::Sha256("tl_ups_secret");
  for (const Identity& bad :
       {Identity{"ups", {ROLE_PARTNER}, "", ""}, Identity{"ups", {ROLE_REP, ROLE_PARTNER}, " ", "care"},
        Identity{"ana", {}, "", ""}, Identity{"Ana", {ROLE_REP}, "", ""}}) {
    ASSERT_TRUE(
        WriteTokenFile(path, {{{"ana", {ROLE_REP}, "", ""}, crypto::Sha256("tl_ana_secret"), absl::UnixEpoch(), false},
                              {bad, digest, absl::UnixEpoch(), false}})
            .ok());
    const absl::Status status = TokenStore::Load(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << bad.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(":2 is not a credential: ")) << bad.name;
  }
}

// A running server keeps what it read before, rather than let such a partner in.
TEST_F(TokensTest, KeepsItsTokensWhenAPartnerLosesItsParty) {
  const auto token = CreateToken(path, {"ups", {ROLE_PARTNER}, "ups", ""}, absl::UnixEpoch());
  auto store = TokenStore::Load(path, kAtOnce);
  auto records = ReadTokenFile(path);
  ASSERT_TRUE(records.ok()) << records.status();
  records->front().identity.party.clear();
  ASSERT_TRUE(WriteTokenFile(path, *records).ok());
  const auto identity = (*store)->Authenticate(*token);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ((*identity)->party, "ups");
}

TEST_F(TokensTest, MakesTheFirstSetOnce) {
  EXPECT_TRUE(*CreateFirstTokens(directory, absl::UnixEpoch()));
  EXPECT_FALSE(*CreateFirstTokens(directory, absl::UnixEpoch()));
  auto store = TokenStore::Load(path);
  EXPECT_EQ((*store)->List().size(), 12u);
  std::string ups = ReadAll(CredentialPath(directory, "ups"));
  EXPECT_EQ(ModeOf(CredentialPath(directory, "ups")), 0600u);
  ASSERT_EQ(ups.back(), '\n');
  ups.pop_back();
  EXPECT_EQ((*(*store)->Authenticate(ups))->party, "ups");
  EXPECT_THAT(ReadAll(path), Not(HasSubstr(ups)));  // only its digest
}

TEST_F(TokensTest, MakesACredentialOfTheProcessItselfIfItsFileIsMissing) {
  ASSERT_TRUE(*CreateFirstTokens(directory, absl::UnixEpoch()));
  const Identity reader{"public", {ROLE_READER}, "", ""};
  ASSERT_TRUE(EnsureToken(directory, reader, absl::UnixEpoch()).ok());
  const std::string plain = CredentialPath(directory, "public"), first = ReadAll(plain);
  EXPECT_EQ(ModeOf(plain), 0600u);
  ASSERT_TRUE(EnsureToken(directory, reader, absl::UnixEpoch()).ok());
  EXPECT_EQ(ReadAll(plain), first);
  std::filesystem::remove(plain);
  ASSERT_TRUE(EnsureToken(directory, reader, absl::UnixEpoch()).ok());
  const std::string second = ReadAll(plain);
  auto store = TokenStore::Load(path);
  EXPECT_TRUE((*store)->Authenticate(second.substr(0, second.size() - 1)).ok());
  EXPECT_FALSE((*store)->Authenticate(first.substr(0, first.size() - 1)).ok()) << "there is one at a time";
  // Who revokes it means it.
  ASSERT_TRUE(RevokeToken(path, "public").ok());
  ASSERT_TRUE(EnsureToken(directory, reader, absl::UnixEpoch()).ok());
  EXPECT_EQ(ReadAll(plain), second);
}

}  // namespace
}  // namespace throughline::identity
