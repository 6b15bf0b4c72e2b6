// Two replicas of intake, each on threads of its own, over one embedded log: contacts about one matter that arrive at
// once.

#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"

#include "libs/log/embedded/embedded_log.h"
#include "libs/runtime/engine/host.h"
#include "services/intake/testing.h"
#include "tests/support/test_directory.h"

namespace throughline::intake {
namespace {

constexpr int kRounds = 100;
constexpr int kAtOnce = 12;

// A replica. Both react to everything, which is harmless (see partition_assignment.h).
class Racer {
 public:
  Racer(log::EmbeddedLog& log, const std::string& directory, const std::string& name) {
    auto assignment = log.AssignPartitions(name, Define({})->folds);
    EXPECT_TRUE(assignment.ok()) << assignment.status();
    runtime::Host::Options options;
    options.store_path = directory + "/" + name;
    auto host = runtime::Host::Start(Define({}), log, *std::move(assignment), clock_, registry_, std::move(options));
    EXPECT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
    api_ = MakeApi(host_->streams(), {});
  }
  ~Racer() { host_->Stop(); }

  // Begins a call; `over` is counted down when it is answered.
  std::shared_ptr<FakeCall> Begin(std::string_view method, const google::protobuf::Message& request,
                                  runtime::Caller caller, absl::BlockingCounter& over) {
    caller.time = clock_.Trusted();
    auto call = std::make_shared<FakeCall>(request, caller, absl::Now() + absl::Seconds(60));
    call->OnOver([&over] { over.DecrementCount(); });
    for (const auto& known : api_->methods()) {
      if (known.descriptor != nullptr && known.descriptor->name() == method) known.run(call);
    }
    return call;
  }

 private:
  runtime::SystemClock clock_;
  prometheus::Registry registry_;
  std::unique_ptr<runtime::Host> host_;
  std::unique_ptr<server::Api> api_;
};

template <typename Response>
Response ResponseOf(const FakeCall& call) {
  Response response;
  EXPECT_TRUE(call.status && call.status->ok()) << *call.status;
  if (call.status->ok()) response.ParseFromString(call.responses.at(0));
  return response;
}

TEST(Race, TwelveOpeningsOfOneMatterAtOnceOnTwoReplicasGiveOneCase) {
  const TestDirectory directory;
  auto log = log::EmbeddedLog::Open({.path = directory.path() + "/log", .partitions = 3});
  ASSERT_TRUE(log.ok()) << log.status();
  Racer one(**log, directory.path(), "one");
  Racer two(**log, directory.path(), "two");
  Racer* replicas[] = {&one, &two};
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    auto request = FromText<v1::OpenCaseRequest>(kLate);
    request.set_order_id("SO-" + std::to_string(round));
    absl::BlockingCounter over(kAtOnce);
    std::vector<std::shared_ptr<FakeCall>> calls;
    for (int i = 0; i < kAtOnce; ++i) {
      const std::string id = std::to_string(round) + "/" + std::to_string(i);
      calls.push_back(replicas[i % 2]->Begin("OpenCase", request, Asking("p" + std::to_string(i), ROLE_REP, id), over));
    }
    over.Wait();
    std::set<std::string> cases, owners;
    int opened = 0;
    std::string token;
    for (const auto& call : calls) {
      const auto response = ResponseOf<v1::OpenCaseResponse>(*call);
      cases.insert(response.case_id());
      owners.insert(response.owner());
      if (!response.joined()) ++opened;
      if (response.version() == kAtOnce) token = response.consistency_token();
    }
    ASSERT_EQ(cases.size(), 1u);
    EXPECT_EQ(owners.size(), 1u);
    EXPECT_EQ(opened, 1);
    ASSERT_NE(token, "") << "the last of them has version " << kAtOnce;
    for (Racer* replica : replicas) {
      absl::BlockingCounter read(2);
      v1::GetCaseRequest get;
      get.set_case_id(*cases.begin());
      get.set_consistency_token(token);
      const auto shown = replica->Begin("GetCase", get, By("ana", ROLE_REP), read);
      v1::ListCasesRequest list;
      list.set_order_id(request.order_id());
      list.set_consistency_token(token);
      const auto listed = replica->Begin("ListCases", list, By("ana", ROLE_REP), read);
      read.Wait();
      EXPECT_EQ(ResponseOf<v1::GetCaseResponse>(*shown).case_().version(), static_cast<uint64_t>(kAtOnce));
      EXPECT_EQ(ResponseOf<v1::GetCaseResponse>(*shown).interactions_size(), kAtOnce - 1);
      EXPECT_EQ(ResponseOf<v1::ListCasesResponse>(*listed).cases_size(), 1);
    }
  }
}

}  // namespace
}  // namespace throughline::intake
