#include "libs/client/client.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

#include "libs/client/connection.h"
#include "libs/client/plan/call_plan.h"
#include "libs/client/services.h"
#include "libs/runtime/domain/ids.h"

namespace throughline::client {
namespace {

constexpr int kPatienceParts = 4;

// One try of a unary call, on a completion queue.
struct Attempt {
  Attempt(const Connection& connection, grpc::GenericStub& stub, const google::protobuf::Message& request,
          absl::Time deadline, grpc::CompletionQueue& queue) {
    connection.Prepare(context, deadline);
    call = stub.PrepareUnaryCall(&context, PathOf(*MethodFor(*request.GetDescriptor())), ToBytes(request), &queue);
    call->StartCall();
  }
  // Next returns `tag` once the answer is there.
  void Finish(void* tag) { call->Finish(&bytes, &status, tag); }
  absl::Status Outcome(google::protobuf::Message& response) {
    return status.ok() ? FromBytes(bytes, response) : OutcomeOf(status);
  }

  grpc::ClientContext context;
  grpc::ByteBuffer bytes;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
};

// A completion queue must be drained before it is destroyed.
void Drain(grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag;
  bool ok;
  while (queue.Next(&tag, &ok)) {
  }
}

// A call begun by Start.
struct Started final : Operation {
  Started(Connection& connection, Replicas& to, const google::protobuf::Message& request, absl::Time deadline,
          google::protobuf::Message& into, std::function<void(absl::Status)> then)
      : replicas(to),
        replica(to.current()),
        attempt(connection, *to.stub(replica), request, deadline, connection.queue()),
        response(into),
        done(std::move(then)) {}

  void Done() override {
    const absl::Status status = attempt.Outcome(response);
    if (TryElsewhere(status)) {
      replicas.GiveUpOn(replica);
    } else {
      replicas.health().Answered(replica, absl::Now());
    }
    done(status);
  }

  Replicas& replicas;
  const size_t replica;
  Attempt attempt;
  google::protobuf::Message& response;
  std::function<void(absl::Status)> done;
};

// Whether the call may be with two replicas at once: a command has one effect under its id, and a read that waits for a
// consistency token does not go back in time on a replica that lags.
bool Repeatable(const google::protobuf::Message& request) {
  const auto* descriptor = request.GetDescriptor();
  if (descriptor->FindFieldByName("command_id") != nullptr) return true;
  const auto* token = descriptor->FindFieldByName("consistency_token");
  return token != nullptr && !request.GetReflection()->GetString(request, token).empty();
}

// The attempts of one call. All are on one queue, which no other call uses, so that the call runs on this thread.
class Attempts {
 public:
  Attempts(const Connection& connection, const Replicas& replicas, const google::protobuf::Message& request)
      : connection_(connection), replicas_(replicas), request_(request), attempts_(replicas.size()) {}
  ~Attempts() {
    for (const auto& attempt : attempts_) {
      if (attempt != nullptr) attempt->context.TryCancel();
    }
    Drain(queue_);
  }

  void Send(size_t replica, absl::Time deadline) {
    attempts_[replica] = std::make_unique<Attempt>(connection_, *replicas_.stub(replica), request_, deadline, queue_);
    attempts_[replica]->Finish(&attempts_[replica]);
  }

  // The replica that answered; absent: none did until then. Take its answer with Take.
  std::optional<size_t> Wait(absl::Time until) {
    void* tag;
    bool ok;
    if (queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(until)) != grpc::CompletionQueue::GOT_EVENT) return std::nullopt;
    return static_cast<std::unique_ptr<Attempt>*>(tag) - attempts_.data();
  }
  absl::Status Take(size_t replica, google::protobuf::Message& response) {
    return std::exchange(attempts_[replica], nullptr)->Outcome(response);
  }

 private:
  const Connection& connection_;
  const Replicas& replicas_;
  const google::protobuf::Message& request_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Attempt>> attempts_;  // unanswered ones, by replica
};

}  // namespace

Client::Client(Options options) : options_(std::move(options)), connection_(std::make_unique<Connection>(options_)) {}

Client::~Client() = default;

std::shared_ptr<grpc::Channel> Client::channel() const { return connection_->AnyChannel(); }

absl::Status Client::CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return status;
  }
  const std::unique_ptr<google::protobuf::Message> sent(request.New());
  sent->CopyFrom(request);
  EnsureCommandId(*sent);
  Replicas& replicas = connection_->ReplicasFor(*sent->GetDescriptor());
  const absl::Time now = absl::Now();
  CallPlan plan(replicas.health(), replicas.budget(), connection_->UsualTimeOf(*sent->GetDescriptor()),
                {.deadline = now + options_.timeout,
                 .patience = options_.timeout / kPatienceParts,
                 .rounds = options_.tries,
                 .hedging = options_.hedging.on,
                 .repeatable = Repeatable(*sent),
                 .command = sent->GetDescriptor()->FindFieldByName("command_id") != nullptr});
  Attempts attempts(*connection_, replicas, *sent);
  while (true) {
    const CallPlan::Step step = plan.Next(absl::Now());
    if (step.what == CallPlan::What::kReturn) break;
    connection_->ProbeIfDue(replicas);
    if (step.what == CallPlan::What::kSend) {
      attempts.Send(step.replica, step.until);
    } else if (step.what == CallPlan::What::kPause) {
      replicas.Pause(step.until - absl::Now());
    } else if (const auto replica = attempts.Wait(step.until)) {
      plan.Answered(*replica, attempts.Take(*replica, response), absl::Now());
    }
  }
  connection_->calls.fetch_add(1, std::memory_order_relaxed);
  connection_->hedges.fetch_add(plan.hedges(), std::memory_order_relaxed);
  connection_->moved.fetch_add(plan.moved(), std::memory_order_relaxed);
  connection_->won.fetch_add(plan.hedge_won() ? 1 : 0, std::memory_order_relaxed);
  return plan.status();
}

HedgeCounts Client::hedges() const {
  return {connection_->calls.load(), connection_->hedges.load(), connection_->moved.load(), connection_->won.load()};
}

void Client::StartInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                       std::function<void(absl::Status)> done) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return done(status);
  }
  connection_->Listen();
  Replicas& replicas = connection_->ReplicasFor(*request.GetDescriptor());
  connection_->ProbeIfDue(replicas);
  auto* started =
      new Started(*connection_, replicas, request, absl::Now() + options_.timeout, response, std::move(done));
  started->attempt.Finish(static_cast<Operation*>(started));  // the queue's thread deletes it
}

std::string EnsureCommandId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("command_id");
  if (field == nullptr) return "";
  const auto* reflection = request.GetReflection();
  if (std::string given = reflection->GetString(request, field); !given.empty()) return given;
  std::string made = runtime::RandomId();
  reflection->SetString(&request, field, made);
  return made;
}

}  // namespace throughline::client
