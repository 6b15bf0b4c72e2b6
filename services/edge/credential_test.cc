#include "services/edge/credential.h"

#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::edge {
namespace {

class CredentialTest : public ::testing::Test {
 protected:
  void Put(const std::string& content) const { EXPECT_FALSE(files::ReplaceFile(path_, content, 0600)); }

  const TestDirectory directory_;
  const std::string path_ = directory_.path() + "/edge.token";
};

TEST_F(CredentialTest, IsWhatItsFileHoldsNow) {
  Put("of-before\n");
  const auto credential = Credential::Read(path_);
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ((*credential)->Bearer(), "Bearer of-before");
  Put("of-after\n");
  EXPECT_TRUE(Eventually([&] { return (*credential)->Bearer() == "Bearer of-after"; }));
}

TEST_F(CredentialTest, AFileWithoutATokenChangesNothing) {
  Put("of-before");
  const auto credential = Credential::Read(path_);
  ASSERT_TRUE(credential.ok()) << credential.status();
  for (const char* bad : {"", " \n", "two words", "line\nline"}) {
    Put(bad);
    const absl::Time until = absl::Now() + absl::Seconds(1);  // longer than a look is away
    EXPECT_TRUE(Eventually([&] {
      EXPECT_EQ((*credential)->Bearer(), "Bearer of-before") << bad;
      return absl::Now() > until;
    }));
    EXPECT_FALSE(Credential::Read(path_).ok()) << bad;
  }
  Put("of-after");
  EXPECT_TRUE(Eventually([&] { return (*credential)->Bearer() == "Bearer of-after"; }));
}

}  // namespace
}  // namespace throughline::edge
