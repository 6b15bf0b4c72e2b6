// Read takes a snapshot: what the fold writes in the meantime is not seen.

#include "libs/service/calls.h"

#include "libs/service/testing.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::service::testing {
namespace {

using runtime::testing::Bench;
using runtime::testing::Deposit;
using runtime::testing::kAccountRows;

int64_t Balance(const store::KeyValue& rows, const std::string& account) {
  const auto row = kAccountRows.Get(rows, account);
  return row ? row->balance() : 0;
}

TEST(Read, SeesASnapshotWhileTheFoldWrites) {
  runtime::testing::Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(1), "a1");
  bench.Give("b", Deposit(1), "b1");
  auto call = std::make_shared<FakeCall>(intake::v1::GetCaseRequest(), By("ann", common::v1::ROLE_REP),
                                         bench.clock.Now() + absl::Seconds(10));
  int64_t a = 0, b = 0;
  Read<intake::v1::GetCaseResponse>(bench.replica->streams(), call->context(), "",
                                    server::Reply<intake::v1::GetCaseResponse>(call),
                                    [&](const store::KeyValue& rows) -> absl::StatusOr<intake::v1::GetCaseResponse> {
                                      a = Balance(rows, "a");
                                      bench.Give("a", Deposit(10), "a2");
                                      bench.Give("b", Deposit(10), "b2");
                                      b = Balance(rows, "b");
                                      return intake::v1::GetCaseResponse();
                                    });
  ASSERT_TRUE(call->status.has_value() && call->status->ok());
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
  intake::v1::GetCaseResponse response;
  response.ParseFromString(call->responses.at(0));
  EXPECT_EQ(response.consistency_token(), bench.replica->engine().TokenFor({PartitionOf(book, "account/a"), 2}))
      << "names what was seen, not what has been written since";
  EXPECT_EQ(Balance(*bench.replica->streams().View(), "b"), 11);
}

}  // namespace
}  // namespace throughline::service::testing
