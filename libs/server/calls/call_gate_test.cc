#include "libs/server/calls/call_gate.h"

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "tests/support/test_directory.h"

namespace throughline::server {
namespace {

struct Stream final : Endable {
  void Ref() override {}
  void Unref() override {}
  void Expire() override {}
  void Drain() override { drained = true; }
  void Revoke(const absl::Status& why) override { revoked = why; }
  void CutOff() override {}
  bool drained = false;
  absl::Status revoked;
};

class ShellTest : public ::testing::Test {
 protected:
  ShellTest() {
    EXPECT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::UnixEpoch()).ok());
    tokens_ = *identity::TokenStore::Load(identity::TokensPath(directory_.path()));
    authenticator_ = *identity::Authenticator::Load(*tokens_, {});
  }

  const TestDirectory directory_;
  std::unique_ptr<identity::TokenStore> tokens_;
  std::unique_ptr<identity::Authenticator> authenticator_;
  prometheus::Registry registry_;
};

TEST_F(ShellTest, DrainsOrRefusesEveryStream) {
  CallGate gate(ServerOptions(), *authenticator_, registry_);
  Stream early, late;
  ASSERT_TRUE(gate.Enter(true).ok());
  ASSERT_TRUE(gate.ListForDrain(early).ok());
  ASSERT_TRUE(gate.Enter(true).ok());  // and the drain begins before it is listed
  gate.DrainAll(absl::Now());
  EXPECT_TRUE(early.drained);
  EXPECT_EQ(runtime::ReasonOf(gate.ListForDrain(late)), "SHUTTING_DOWN");
  EXPECT_EQ(runtime::ReasonOf(gate.Enter(true)), "SHUTTING_DOWN");
  gate.Unlist(early);
}

}  // namespace
}  // namespace throughline::server
