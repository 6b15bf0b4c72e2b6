#include "libs/client/client.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/time/clock.h"

#include "libs/client/connection.h"
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
struct Started {
  Replicas& replicas;
  const size_t replica;
  Attempt attempt;
  google::protobuf::Message& response;
  std::function<void(absl::Status)> done;
};

}  // namespace

Client::Client(Options options) : options_(std::move(options)), connection_(std::make_unique<Connection>(options_)) {}

Client::~Client() {
  connection_->queue.Shutdown();
  if (connection_->answers.joinable()) {
    connection_->answers.join();
  } else {
    Drain(connection_->queue);
  }
}

std::shared_ptr<grpc::Channel> Client::channel() const { return connection_->AnyChannel(); }

absl::Status Client::CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return status;
  }
  const std::unique_ptr<google::protobuf::Message> sent(request.New());
  sent->CopyFrom(request);
  EnsureCommandId(*sent);
  Replicas& replicas = connection_->ReplicasFor(*sent->GetDescriptor());
  const absl::Time deadline = absl::Now() + options_.timeout;
  for (int tries = 1;; ++tries) {
    const size_t replica = replicas.current();
    // With other replicas to try, limit this try: a replica that takes a call and never answers must not use up the
    // deadline.
    const bool last = replicas.size() == 1 || tries >= options_.tries;
    const absl::Time patience = last ? deadline : std::min(deadline, absl::Now() + options_.timeout / kPatienceParts);
    // A completion queue of its own, so that the whole call runs on this thread.
    grpc::CompletionQueue queue;
    absl::Status status;
    {
      Attempt attempt(*connection_, replicas.stub(replica), *sent, patience, queue);
      attempt.Finish(nullptr);
      void* tag;
      bool ok;
      queue.Next(&tag, &ok);
      status = attempt.Outcome(response);
    }
    Drain(queue);
    const bool elsewhere = replicas.size() > 1 && TryElsewhere(status);
    if (elsewhere) replicas.GiveUpOn(replica);
    if (tries >= options_.tries || !(elsewhere || TryLater(status))) return status;
    // Pause once all replicas were tried.
    const int round = tries / static_cast<int>(replicas.size());
    const bool wait = !elsewhere || tries % static_cast<int>(replicas.size()) == 0;
    const absl::Duration pause = wait ? PauseBefore(round + 1, status) : absl::ZeroDuration();
    if (absl::Now() + pause >= deadline) return status;
    replicas.Pause(pause);
  }
}

void Client::StartInto(const google::protobuf::Message& request, google::protobuf::Message& response,
                       std::function<void(absl::Status)> done) const {
  if (absl::Status status = connection_->Check(*request.GetDescriptor(), *response.GetDescriptor()); !status.ok()) {
    return done(status);
  }
  absl::call_once(connection_->listening, [this] {
    connection_->answers = std::thread([&queue = connection_->queue] {
      pthread_setname_np(pthread_self(), "tl-client");
      void* tag;
      bool ok;
      while (queue.Next(&tag, &ok)) {
        const std::unique_ptr<Started> started(static_cast<Started*>(tag));
        const absl::Status status = started->attempt.Outcome(started->response);
        if (TryElsewhere(status)) started->replicas.GiveUpOn(started->replica);
        started->done(status);
      }
    });
  });
  Replicas& replicas = connection_->ReplicasFor(*request.GetDescriptor());
  const size_t replica = replicas.current();
  auto* started = new Started{
      replicas, replica,
      Attempt(*connection_, replicas.stub(replica), request, absl::Now() + options_.timeout, connection_->queue),
      response, std::move(done)};
  started->attempt.Finish(started);  // the queue's thread deletes it
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
