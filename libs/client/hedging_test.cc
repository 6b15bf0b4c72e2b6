// Calls to replicas that hang, with real connections: servers whose handlers answer when the test says so.

#include <map>
#include <set>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/client/connection.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::client {
namespace {

// What the replicas share: the effect of each command, by its id.
class Effects {
 public:
  // The answer is the same for every call with this id.
  intake::v1::OpenCaseResponse Of(const std::string& command_id) {
    absl::MutexLock lock(&mutex_);
    const auto [effect, is_new] = cases_.emplace(command_id, "case-" + std::to_string(cases_.size() + 1));
    intake::v1::OpenCaseResponse response;
    response.set_command_id(command_id);
    response.set_case_id(effect->second);
    return response;
  }
  size_t count() {
    absl::MutexLock lock(&mutex_);
    return cases_.size();
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::string> cases_;
};

// A replica of intake that knows OpenCase and GetCase, and can hang.
class FakeReplica final : public grpc::CallbackGenericService {
 public:
  explicit FakeReplica(Effects& effects) : effects_(effects) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeReplica() override {
    Hang(false);
    server_->Shutdown(std::chrono::system_clock::now());
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Hanging, it takes calls and answers none, health checks included. Afterwards it answers those that it has.
  void Hang(bool hangs) {
    absl::MutexLock lock(&mutex_);  // so that none of them is cancelled and gone meanwhile
    hangs_ = hangs;
    if (hangs) return;
    for (Reactor* reactor : held_) reactor->Answer();
    held_.clear();
  }
  int calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  int cancelled() {
    absl::MutexLock lock(&mutex_);
    return cancelled_;
  }

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Reactor(*this, context->method());
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(FakeReplica& replica, std::string path) : replica_(replica), path_(std::move(path)) { StartRead(&bytes_); }

    void OnReadDone(bool ok) override {
      if (ok && !replica_.Hold(this, path_)) Answer();
    }
    void Answer() {
      grpc::ByteBuffer answer;
      if (path_ == "/grpc.health.v1.Health/Check") {
        grpc::health::v1::HealthCheckResponse serving;
        serving.set_status(grpc::health::v1::HealthCheckResponse::SERVING);
        answer = ToBytes(serving);
      } else if (path_ == "/throughline.intake.v1.IntakeService/OpenCase") {
        intake::v1::OpenCaseRequest request;
        EXPECT_TRUE(FromBytes(bytes_, request).ok());
        answer = ToBytes(replica_.effects_.Of(request.command_id()));
      } else {
        answer = ToBytes(intake::v1::GetCaseResponse());
      }
      {
        absl::MutexLock lock(&mutex_);
        if (std::exchange(over_, true)) return;
      }
      answer_ = answer;
      StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
    }
    void OnCancel() override {
      replica_.Cancelled(this);
      {
        absl::MutexLock lock(&mutex_);
        if (std::exchange(over_, true)) return;
      }
      Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

   private:
    FakeReplica& replica_;
    const std::string path_;
    grpc::ByteBuffer bytes_, answer_;
    absl::Mutex mutex_;
    bool over_ = false;
  };

  bool Hold(Reactor* reactor, const std::string& path) {
    absl::MutexLock lock(&mutex_);
    if (path != "/grpc.health.v1.Health/Check") ++calls_;
    if (hangs_) held_.insert(reactor);
    return hangs_;
  }
  void Cancelled(Reactor* reactor) {
    absl::MutexLock lock(&mutex_);
    cancelled_ += static_cast<int>(held_.erase(reactor));
  }

  Effects& effects_;
  int port_ = 0;
  absl::Mutex mutex_;
  bool hangs_ = false;
  int calls_ = 0, cancelled_ = 0;
  std::set<Reactor*> held_;
  std::unique_ptr<grpc::Server> server_;
};

class Hedged : public ::testing::Test {
 protected:
  Options TwoReplicas() const {
    Options options;
    options.address = "intake=" + first_.address() + "," + second_.address();
    options.timeout = absl::Seconds(60);
    options.hedging.most = absl::Milliseconds(100);
    return options;
  }
  static absl::StatusOr<intake::v1::OpenCaseResponse> Open(const Client& client, const std::string& id) {
    intake::v1::OpenCaseRequest request;
    request.set_command_id(id);
    return client.Call<intake::v1::OpenCaseResponse>(request);
  }

  Effects effects_;
  FakeReplica first_{effects_}, second_{effects_};
};

TEST_F(Hedged, ACommandToAReplicaThatHangsIsAnsweredByAnotherWithOneEffect) {
  const Client client(TwoReplicas());
  first_.Hang(true);
  const auto opened = Open(client, "c1");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(client.hedges().won, 1);
  EXPECT_TRUE(Eventually([&] { return first_.cancelled() == 1; })) << "the loser is cancelled";
  first_.Hang(false);
  const auto again = Open(Client({.address = "intake=" + first_.address()}), "c1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->case_id(), opened->case_id());
  EXPECT_EQ(effects_.count(), 1u);
}

TEST_F(Hedged, AReplicaThatHangsIsAvoidedUntilItAnswersProbes) {
  const Client client(TwoReplicas());
  first_.Hang(true);
  ASSERT_TRUE(Open(client, "c1").ok());
  for (const char* id : {"c2", "c3", "c4"}) ASSERT_TRUE(Open(client, id).ok());
  EXPECT_EQ(first_.calls(), 1);
  EXPECT_EQ(second_.calls(), 4);
  first_.Hang(false);
  int next = 5;
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(Open(client, "c" + std::to_string(next++)).ok());
    return first_.calls() > 1;
  })) << "it is called again";
}

TEST_F(Hedged, AllCallsOfAReplicaThatHangsMoveOn) {
  Options options = TwoReplicas();
  options.hedging.burst = 1;  // enough to find out
  options.hedging.budget = 0;
  const Client client(options);
  first_.Hang(true);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&, i] { EXPECT_TRUE(Open(client, "c" + std::to_string(i)).ok()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(effects_.count(), 8u);
  const HedgeCounts counts = client.hedges();
  EXPECT_EQ(counts.hedges - counts.moved, 1);
}

TEST_F(Hedged, AReadIsHedgedIfItHasAConsistencyToken) {
  Options options = TwoReplicas();
  options.timeout = absl::Seconds(1);
  options.tries = 1;
  const Client client(options);
  first_.Hang(true);
  intake::v1::GetCaseRequest request;
  EXPECT_TRUE(client.Call<intake::v1::GetCaseResponse>(request).ok());
  EXPECT_EQ(client.hedges().hedges, 0) << "the second replica is asked once the first has had its time";
  const Client other(options);
  request.set_consistency_token("a token");
  EXPECT_TRUE(other.Call<intake::v1::GetCaseResponse>(request).ok());
  EXPECT_EQ(other.hedges().hedges, 1);
}

}  // namespace
}  // namespace throughline::client
