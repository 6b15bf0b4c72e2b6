#pragma once

// Services in one process, for tests: real engines on one scripted log and one clock, which the test steps, and
// handlers that are called without a network. One thread.
//
//   World world;
//   Node& intake = world.Add(intake::Define({}));
//   auto api = intake::MakeApi(intake.streams(), {});
//   auto opened = Ask<OpenCaseResponse>(world, *api, "OpenCase", request, By("ana", ROLE_REP));
//   world.Write(log::Topic::kOutageNotice, "notice/n1", event);  // on behalf of a service that is not in the world
//   world.Pass(absl::Hours(1));

#include <map>

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/commands/command.h"
#include "libs/runtime/testing/bench.h"
#include "libs/server/api.h"

namespace throughline::service::testing {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Noon;

// One replica of a service. HoldAll assigns it every partition that it folds.
class Node {
 public:
  Node(std::unique_ptr<runtime::Definition> definition, runtime::testing::Book& book, const runtime::Clock& clock)
      : folds_(definition->folds), log_(book), replica_(std::move(definition), log_, store_, &assignment_, clock) {
    EXPECT_TRUE(replica_.Start().ok());
    partitions_ = book.partitions;
  }
  void HoldAll() { Hold(folds_); }
  void Hold(const std::vector<log::Topic>& topics) {
    std::vector<log::Position> held;
    for (log::Topic topic : topics) {
      for (int32_t i = 0; i < partitions_; ++i) held.push_back({{topic, i}, 0});
    }
    assignment_.Hold(held);
  }
  void Run() { ASSERT_TRUE(replica_.Run().ok()); }

  runtime::Streams& streams() { return replica_.streams(); }
  store::MemoryKeyValue& store() { return store_; }
  runtime::testing::ScriptedLog& log() { return log_; }
  double Metric(const std::string& name) { return replica_.Metric(name); }
  // The present value of a gauge or counter of the definition.
  double Gauge(const std::string& name) {
    for (const runtime::DomainGauge& gauge : replica_.definition().gauges) {
      if (gauge.name == name) return gauge.value(store_, replica_.engine().clock().Trusted());
    }
    for (const runtime::DomainCounter& counter : replica_.definition().counters) {
      if (counter.name == name) return static_cast<double>(runtime::Counted(store_, counter.counter));
    }
    for (const runtime::TimerGauge& gauge : replica_.definition().timer_gauges) {
      if (gauge.name == name) return static_cast<double>(replica_.engine().OverdueTimers(gauge.timer));
    }
    ADD_FAILURE() << "no gauge " << name;
    return -1;
  }

 private:
  const std::vector<log::Topic> folds_;
  int32_t partitions_ = 0;
  store::MemoryKeyValue store_;
  runtime::testing::ScriptedAssignment assignment_;
  runtime::testing::ScriptedLog log_;
  runtime::testing::Replica replica_;
};

class World {
 public:
  Node& Add(std::unique_ptr<runtime::Definition> definition) {
    nodes_.push_back(std::make_unique<Node>(std::move(definition), book, clock));
    nodes_.back()->HoldAll();
    Run();
    return *nodes_.back();
  }
  // A replica without partition assignments that has folded the whole log, as after a rebuild.
  std::unique_ptr<Node> Rebuild(std::unique_ptr<runtime::Definition> definition) {
    auto node = std::make_unique<Node>(std::move(definition), book, clock);
    node->Run();
    return node;
  }

  // Runs all nodes until none appends anything more.
  void Run() {
    for (size_t before = 0, now = 1; before != now;) {
      before = Size();
      for (auto& node : nodes_) node->Run();
      for (auto& node : nodes_) node->Run();
      now = Size();
    }
  }
  void Pass(absl::Duration time) {
    clock.Pass(time);
    Run();
  }

  // Appends a commit of a stream whose service is not in this world, and runs. `event` is the stream's event message.
  template <typename Event>
  void Write(log::Topic topic, const std::string& stream, const Event& event) {
    Append(topic, stream, event);
    Run();
  }
  // The same without running.
  template <typename Event>
  void Append(log::Topic topic, const std::string& stream, const Event& event) {
    const runtime::StreamId id = *runtime::StreamId::Parse(stream);
    const runtime::StreamType type = runtime::StreamType::Foreign<Event>(topic, id.kind);
    auto& [version, follows] = foreign_[stream];
    runtime::Command command;
    command.type = &type;
    command.stream = id;
    command.caller = By("elsewhere", common::v1::ROLE_SERVICE, "", clock.Now());
    command.caller.command_id = std::to_string(version);
    const std::string value =
        runtime::MakeCommit(command, version, follows, {std::make_shared<Event>(event)}).SerializeAsString();
    ++version;
    follows = crypto::Sha256(value);
    book.Write({topic, log::PartitionFor(stream, book.partitions)}, stream, value);
  }

  runtime::testing::Book book{2};
  runtime::ManualClock clock{Noon()};

 private:
  size_t Size() const {
    size_t size = 0;
    for (const auto& [partition, records] : book.records) size += records.size();
    return size;
  }

  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<std::string, std::pair<uint64_t, std::string>> foreign_;
};

// A call without a network.
class FakeCall : public server::internal::Call {
 public:
  // `patience`: see Context; at most the deadline.
  FakeCall(const google::protobuf::Message& request, const runtime::Caller& who, absl::Time deadline,
           absl::Time patience = absl::InfiniteFuture())
      : request_(request.New()) {
    request_->CopyFrom(request);
    const auto* page_size = request.GetDescriptor()->FindFieldByName("page_size");
    if (page_size != nullptr && request_->GetReflection()->GetInt32(*request_, page_size) == 0) {
      request_->GetReflection()->SetInt32(request_.get(), page_size, 100);
    }
    caller() = who;
    set_deadline(deadline);
    set_patience(std::min(deadline, patience));
  }

  bool Receive(google::protobuf::Message& request) override {
    request.CopyFrom(*request_);
    return true;
  }
  void Answer(const google::protobuf::Message& response) override {
    Write(response, nullptr);
    Finish(absl::OkStatus());
  }
  bool Write(const google::protobuf::Message& response, const std::string_view*) override {
    if (status) return false;
    responses.push_back(response.SerializeAsString());
    return true;
  }
  void Release(int) override {}
  bool TakeEvents(int) override { return true; }
  void Finish(const absl::Status& how) override {
    if (status) return;
    status = how;
    for (auto& hook : std::exchange(hooks_, {})) hook();
  }
  runtime::Caller CallerOf(std::string_view) const override { return context().caller(); }
  bool over() const override { return status.has_value(); }
  void OnOver(std::function<void()> hook) override { status ? hook() : hooks_.push_back(std::move(hook)); }
  void SetStream(std::string_view) override {}

  std::vector<std::string> responses;
  std::optional<absl::Status> status;  // none while the call is open

 private:
  const std::unique_ptr<google::protobuf::Message> request_;
  std::vector<std::function<void()>> hooks_;
};

// Starts a call without running the world.
inline std::shared_ptr<FakeCall> Begin(World& world, const server::Api& api, std::string_view method,
                                       const google::protobuf::Message& request, runtime::Caller caller) {
  caller.time = world.clock.Trusted();  // as a process does
  auto call = std::make_shared<FakeCall>(request, caller, world.clock.Now() + absl::Seconds(30));
  for (const auto& known : api.methods()) {
    if (known.descriptor != nullptr && known.descriptor->name() == method) known.run(call);
  }
  return call;
}

// Makes a unary call and runs the world until it is answered.
template <typename Response>
absl::StatusOr<Response> Ask(World& world, const server::Api& api, std::string_view method,
                             const google::protobuf::Message& request, const runtime::Caller& caller) {
  auto call = Begin(world, api, method, request, caller);
  world.Run();
  if (!call->status) return absl::InternalError("not answered");
  if (!call->status->ok()) return *call->status;
  Response response;
  response.ParseFromString(call->responses.at(0));
  return response;
}

// A caller with this command id.
inline runtime::Caller Asking(const std::string& who, runtime::Role role, const std::string& command_id) {
  runtime::Caller caller = By(who, role);
  caller.command_id = command_id;
  return caller;
}

// A watch that keeps the messages it received. `api` must outlive it.
template <typename Response>
class Watching {
 public:
  Watching(const server::Api& api, std::string_view method, const google::protobuf::Message& request, absl::Time now)
      : call_(std::make_shared<FakeCall>(request, By("eve", common::v1::ROLE_REP), now + absl::Hours(1000))) {
    for (const auto& known : api.methods()) {
      if (known.descriptor != nullptr && known.descriptor->name() == method) known.run(call_);
    }
  }
  ~Watching() { call_->Finish(absl::OkStatus()); }

  std::vector<Response> messages() const {
    std::vector<Response> messages(call_->responses.size());
    for (size_t i = 0; i < messages.size(); ++i) messages[i].ParseFromString(call_->responses[i]);
    return messages;
  }
  const std::optional<absl::Status>& status() const { return call_->status; }

 private:
  const std::shared_ptr<FakeCall> call_;
};

}  // namespace throughline::service::testing
