#include "services/edge/webhooks/endpoints.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/test_directory.h"

namespace throughline::edge {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class EndpointsFile : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(directory_.path() + "/" + name, std::ios::trunc) << content;
  }
  absl::StatusOr<Endpoints> Read(const std::string& content) {
    Write("webhooks.toml", content);
    return ReadEndpoints(directory_.path() + "/webhooks.toml");
  }
  std::string Problems(const std::string& content) { return std::string(Read(content).status().message()); }

 private:
  const TestDirectory directory_;
};

TEST_F(EndpointsFile, NamesWhereEachSourcePushesAndWhatItSigns) {
  Write("new", "whsec_new12345\n");
  Write("old", "whsec_old12345\n");
  Write("key", "a-key-of-dhl");
  const auto endpoints = Read(R"(
    [[endpoint]]
    carrier = "easypost"
    id = "k3JqbPd7"
    format = "easypost-webhook"
    scheme = "easypost"
    secrets = ["new", "old"]
    [[endpoint]]
    carrier = "dhl"
    id = "a"
    format = "dhl-unified"
    scheme = "dhl"
    header = "X-Our-Key"
    secrets = ["key"]
    user-agent = "DHL"
    challenge = "challenge")");
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  ASSERT_EQ(endpoints->size(), 2u);
  const Endpoint& easypost = endpoints->at("/webhooks/easypost/k3JqbPd7");
  EXPECT_EQ(easypost.carrier + " " + easypost.format + " " + easypost.scheme, "easypost easypost-webhook easypost");
  EXPECT_THAT(easypost.keys.secrets, ElementsAre("whsec_new12345", "whsec_old12345"));
  const Endpoint& dhl = endpoints->at("/webhooks/dhl/a");
  EXPECT_EQ(dhl.keys.header + " " + dhl.user_agent + " " + dhl.challenge, "X-Our-Key DHL challenge");
}

TEST_F(EndpointsFile, SaysAllThatIsWrongAndRepeatsNoSecret) {
  Write("short", "abc123");
  Write("good", "a-good-secret");
  const std::string problems = Problems(R"([[endpoint]]
carrier = "ups/.."
id = 7
format = "ups-track-alert"
scheme = "none"
secrets = ["short", "../good", "good"]
colour = "red"
[[endpoint]]
carrier = "dhl"
id = "a"
format = "dhl-unified"
scheme = "dhl"
secrets = ["missing"]
[[endpoint]]
carrier = "dhl"
id = "a"
format = "dhl-unified"
scheme = "ups"
secrets = ["short"]
)");
  EXPECT_THAT(problems,
              AllOf(HasSubstr("line 2: `carrier` is 1 to 64 of"), HasSubstr("line 3: `id`"),
                    HasSubstr("line 5: `scheme` is one of aftership, dhl"), HasSubstr("`secrets`: a list of one file"),
                    HasSubstr("line 7: `colour` is none of"), HasSubstr("the endpoint needs `header`"),
                    HasSubstr("the file missing cannot be read"), HasSubstr("the file short"),
                    HasSubstr("another endpoint has the same carrier and id"), Not(HasSubstr("abc123"))));
  EXPECT_THAT(Problems("[[endpoint]\n"), HasSubstr("line 1"));
  EXPECT_THAT(Problems("carrier = 'ups'"), HasSubstr("begin each with [[endpoint]]"));
  EXPECT_THAT(std::string(ReadEndpoints("/no/such.toml").status().message()), HasSubstr("cannot be read"));
}

TEST_F(EndpointsFile, ASecretStandsBesideTheFile) {
  Write("good", "a-good-secret");
  const std::string endpoint = "[[endpoint]]\ncarrier='ups'\nid='a'\nformat='ups-track-alert'\nscheme='ups'\nsecrets=";
  EXPECT_TRUE(Read(endpoint + "['good']").ok());
  for (const char* secrets : {"[]", "'good'", "['good', 'good', 'good']", "['../good']", "['/etc/hostname']", "[1]"}) {
    EXPECT_FALSE(Read(endpoint + secrets).ok()) << secrets;
  }
}

}  // namespace
}  // namespace throughline::edge
