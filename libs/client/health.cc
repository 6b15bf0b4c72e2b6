#include "libs/client/health.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/alarm.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

#include "libs/client/addresses.h"
#include "libs/client/connection.h"
#include "libs/client/services.h"
#include "libs/client/tls_problem.h"

namespace throughline::client {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using State = ServerHealth::State;

constexpr absl::Duration kPause = absl::Milliseconds(100);  // before a server that was lost is asked again

// One watch of one service at one address. It has one operation under way at a time, whose tag it is.
class HealthWatch {
 public:
  // `service`: its full name. The queue must outlive the watch.
  HealthWatch(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue& queue, std::string service,
              absl::Time deadline, bool once)
      : stub_(channel), queue_(queue), service_(std::move(service)), deadline_(deadline), once_(once) {
    Open(/*wait_for_connection=*/false);  // so that the reason is known if there is none
  }

  State state() const { return state_; }
  const absl::Status& why() const { return why_; }
  bool over() const { return step_ == Step::kOver; }
  // Nothing changes any more: asked once, or waiting does not help.
  bool settled() const { return settled_ || over(); }

  void Stop() {
    stopping_ = true;
    context_->TryCancel();
    pause_.Cancel();
  }

  // The operation under way has ended.
  void Ended(bool ok) {
    switch (step_) {
      case Step::kStart: {
        if (!ok) return Finish();
        HealthCheckRequest request;
        request.set_service(service_);
        step_ = Step::kWrite;
        return call_->WriteLast(ToBytes(request), grpc::WriteOptions(), this);
      }
      case Step::kWrite:
        return ok ? Read() : Finish();
      case Step::kRead:
        if (!ok) return Finish();
        Take();
        return Read();
      case Step::kFinish:
        return Lost();
      case Step::kPause:
        if (stopping_) {
          step_ = Step::kOver;
          return;
        }
        return Open(/*wait_for_connection=*/true);
      case Step::kOver:
        return;
    }
  }

 private:
  enum class Step { kStart, kWrite, kRead, kFinish, kPause, kOver };

  void Open(bool wait_for_connection) {
    heard_ = false;
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(absl::ToChronoTime(deadline_));
    context_->set_wait_for_ready(wait_for_connection);
    call_ = stub_.PrepareCall(context_.get(), "/grpc.health.v1.Health/Watch", &queue_);
    step_ = Step::kStart;
    call_->StartCall(this);
  }
  void Read() {
    step_ = Step::kRead;
    call_->Read(&bytes_, this);
  }
  void Finish() {
    step_ = Step::kFinish;
    call_->Finish(&status_, this);
  }
  void Take() {
    HealthCheckResponse response;
    if (settled_ || stopping_) return;
    if (absl::Status status = FromBytes(bytes_, response); !status.ok()) return Fail(status);
    heard_ = true;
    why_ = absl::OkStatus();
    state_ = response.status() == HealthCheckResponse::SERVING           ? State::kServing
             : response.status() == HealthCheckResponse::SERVICE_UNKNOWN ? State::kNotServedThere
                                                                         : State::kNotServing;
    if (!once_) return;
    settled_ = true;
    context_->TryCancel();
  }
  void Fail(const absl::Status& why) {
    state_ = State::kNotReached;
    why_ = why;
    settled_ = true;
    context_->TryCancel();
  }
  void Lost() {
    step_ = Step::kOver;
    if (settled_ || stopping_) return;
    const absl::Status why = OutcomeOf(status_);
    if (absl::IsDeadlineExceeded(why)) {  // of the wait: what was heard last, or why nothing was, stands
      if (!heard_ && why_.ok()) {
        state_ = State::kNotReached;
        why_ = absl::DeadlineExceededError("does not answer");
      }
      return;
    }
    state_ = State::kNotReached;
    why_ = why;
    if (once_ || !absl::IsUnavailable(why) || IsTlsProblem(why)) {
      settled_ = true;
      return;
    }
    step_ = Step::kPause;
    pause_.Set(&queue_, absl::ToChronoTime(absl::Now() + kPause), this);
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue& queue_;
  const std::string service_;
  const absl::Time deadline_;
  const bool once_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::Alarm pause_;
  grpc::ByteBuffer bytes_;
  grpc::Status status_;
  Step step_ = Step::kOver;
  bool heard_ = false;  // on this stream
  bool settled_ = false;
  bool stopping_ = false;
  State state_ = State::kNotReached;
  absl::Status why_;
};

// What is asked about one service at one address.
struct Question {
  std::string address;
  std::string service;
  std::string full_name;
  bool named;  // somebody said that this service is there
};

absl::StatusOr<std::vector<Question>> Questions(const Options& options, const std::vector<std::string>& services) {
  absl::StatusOr<Addresses> addresses = ParseAddresses(options.address);
  if (!addresses.ok()) return addresses.status();
  std::vector<Question> questions;
  const std::vector<std::string> names = ServiceNames();
  const auto all = AllServices();
  for (size_t i = 0; i < names.size(); ++i) {
    const bool asked = std::find(services.begin(), services.end(), names[i]) != services.end();
    if (!services.empty() && !asked) continue;
    if (asked && addresses->Of(names[i]).empty()) return NoAddressOf(names[i]);
    for (const std::string& address : addresses->Of(names[i])) {
      questions.push_back({address, names[i], all[i]->full_name(), asked || addresses->named.contains(names[i])});
    }
  }
  return questions;
}

// Without the services that an address does not serve, if nobody said that it does and it serves others.
std::vector<ServerHealth> Answers(const std::vector<Question>& questions,
                                  const std::vector<std::unique_ptr<HealthWatch>>& watches) {
  std::set<std::string> serves_some;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (watches[i]->state() != State::kNotServedThere) serves_some.insert(questions[i].address);
  }
  std::vector<ServerHealth> answers;
  for (size_t i = 0; i < questions.size(); ++i) {
    const Question& question = questions[i];
    const State state = watches[i]->state();
    if (state == State::kNotServedThere && !question.named && serves_some.contains(question.address)) continue;
    answers.push_back({question.address, question.service, state, watches[i]->why()});
  }
  return answers;
}

}  // namespace

bool AllServe(const std::vector<ServerHealth>& found) {
  return std::all_of(found.begin(), found.end(), [](const auto& one) { return one.state == State::kServing; });
}

absl::StatusOr<std::vector<ServerHealth>> AskHealth(const Options& options, const std::vector<std::string>& services,
                                                    std::optional<absl::Duration> wait) {
  const absl::StatusOr<std::vector<Question>> questions = Questions(options, services);
  if (!questions.ok()) return questions.status();
  const absl::Time deadline = absl::Now() + wait.value_or(options.timeout);
  grpc::CompletionQueue queue;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  std::vector<std::unique_ptr<HealthWatch>> watches;
  for (const Question& question : *questions) {
    std::shared_ptr<grpc::Channel>& channel = channels[question.address];
    if (channel == nullptr) channel = OpenChannel(question.address, options);
    watches.push_back(std::make_unique<HealthWatch>(channel, queue, question.full_name, deadline, !wait));
  }
  const auto any = [&](auto holds) { return std::any_of(watches.begin(), watches.end(), holds); };
  const auto decided = [&] {
    if (!any([](const auto& watch) { return !watch->settled(); })) return true;
    if (!wait) return false;
    const bool hopeless = any([](const auto& watch) { return watch->settled() && watch->state() != State::kServing; });
    return hopeless || AllServe(Answers(*questions, watches));
  };
  void* tag = nullptr;
  bool ok = false;
  while (!decided() && queue.Next(&tag, &ok)) static_cast<HealthWatch*>(tag)->Ended(ok);
  std::vector<ServerHealth> answers = Answers(*questions, watches);
  for (const auto& watch : watches) watch->Stop();
  while (any([](const auto& watch) { return !watch->over(); }) && queue.Next(&tag, &ok)) {
    static_cast<HealthWatch*>(tag)->Ended(ok);
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return answers;
}

}  // namespace throughline::client
