#include "libs/client/forward.h"

#include <algorithm>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/client/connection.h"
#include "libs/client/services.h"

namespace throughline::client {
namespace {

// A caller that waits less learns nothing about a replica.
constexpr absl::Duration kTelling = absl::Seconds(1);

bool IsBinary(absl::string_view key) { return absl::EndsWith(key, "-bin"); }

// gRPC ends the process if it is given metadata that it cannot send.
bool CanBeSent(const std::string& key, const std::string& value) {
  const bool key_well =
      !key.empty() && !absl::StartsWith(key, "grpc-") && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_' || c == '.';
      });
  return key_well && (IsBinary(key) ||
                      std::all_of(value.begin(), value.end(), [](unsigned char c) { return absl::ascii_isprint(c); }));
}

Reply Failed(grpc::StatusCode code, std::string message) { return {.code = code, .message = std::move(message)}; }

Metadata ToMetadata(const std::multimap<grpc::string_ref, grpc::string_ref>& from) {
  Metadata metadata;
  for (const auto& [key, value] : from) {
    metadata.emplace_back(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return metadata;
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

void Prepare(grpc::ClientContext& context, const Forwarded& call) {
  if (call.deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(call.deadline));
  for (const auto& [key, value] : call.metadata) context.AddMetadata(key, value);
}

// `cancelled`: by this side. A server that stops while it receives a request ends the call with CANCELLED, in gRPC's
// own words; a handler may answer CANCELLED, too, in others.
Reply ToReply(const grpc::Status& status, const grpc::ClientContext& context, bool cancelled) {
  Reply reply = {.code = status.error_code(),
                 .message = status.error_message(),
                 .details = status.error_details(),
                 .trailers = ToMetadata(context.GetServerTrailingMetadata())};
  if (reply.code == grpc::StatusCode::CANCELLED && !cancelled && reply.message == "CANCELLED" &&
      reply.details.empty()) {
    return Failed(grpc::StatusCode::UNAVAILABLE, "the server stopped before it answered, so the outcome is unknown");
  }
  return reply;
}

void Learn(Replicas& replicas, size_t replica, const Reply& reply, absl::Time sent) {
  const absl::Time now = absl::Now();
  if (reply.code == grpc::StatusCode::UNAVAILABLE) {
    replicas.health().GiveUpOn(replica, now);
  } else if (reply.code == grpc::StatusCode::DEADLINE_EXCEEDED) {
    if (now - sent >= kTelling) replicas.health().TimedOut(replica, sent, now);
  } else if (reply.code != grpc::StatusCode::CANCELLED) {
    replicas.health().Answered(replica, now);
  }
}

}  // namespace

// The calls that have not ended. A context keeps its channel, and the last reference to a channel must not be released
// on one of gRPC's threads: it would wait for its own end. So a call releases its context before it counts as ended.
struct Forwarder::UnderWay {
  void Begin() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    ++calls;
  }
  void End() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    --calls;
  }
  void AwaitNone() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(
        +[](int* count) { return *count == 0; }, &calls));
  }

  // A unary call, tried on one replica after the other.
  class Unary;
  class ServerStream;

  absl::Mutex mutex;
  int calls ABSL_GUARDED_BY(mutex) = 0;
};

class Forwarder::UnderWay::Unary final : public ForwardedCall, public std::enable_shared_from_this<Unary> {
 public:
  Unary(std::shared_ptr<UnderWay> under_way, Replicas& replicas, Forwarded call, std::function<void(Reply)> done)
      : under_way_(std::move(under_way)),
        replicas_(replicas),
        call_(std::move(call)),
        path_(PathOf(*call_.method)),
        done_(std::move(done)),
        tried_(replicas.size()) {
    const grpc::Slice slice(call_.request);
    request_ = grpc::ByteBuffer(&slice, 1);
    under_way_->Begin();
  }

  void Send(size_t replica) ABSL_LOCKS_EXCLUDED(mutex_) {
    tried_[replica] = true;
    sent_ = absl::Now();
    response_.Clear();
    grpc::ClientContext* context;
    {
      absl::MutexLock lock(&mutex_);
      context_ = std::make_unique<grpc::ClientContext>();
      context = context_.get();
      Prepare(*context, call_);
      if (cancelled_) context->TryCancel();
    }
    replicas_.stub(replica)->UnaryCall(
        context, path_, {}, &request_, &response_,
        [self = shared_from_this(), replica](const grpc::Status& status) { self->Answered(replica, status); });
  }

  void Cancel() override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  void Read() override {}

 private:
  void Answered(size_t replica, const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mutex_) {
    bool cancelled;
    Reply reply;
    {
      absl::MutexLock lock(&mutex_);
      cancelled = cancelled_;
      reply = ToReply(status, *context_, cancelled);
      reply.headers = ToMetadata(context_->GetServerInitialMetadata());
      context_.reset();  // see UnderWay
    }
    Learn(replicas_, replica, reply, sent_);
    if (reply.code == grpc::StatusCode::UNAVAILABLE && call_.repeatable && !cancelled) {
      if (const auto next = replicas_.health().Pick(tried_)) return Send(*next);
    }
    if (status.ok()) reply.response = ToString(response_);
    std::exchange(done_, nullptr)(std::move(reply));
    under_way_->End();
  }

  const std::shared_ptr<UnderWay> under_way_;
  Replicas& replicas_;
  const Forwarded call_;
  const std::string path_;
  std::function<void(Reply)> done_;
  std::vector<bool> tried_;
  absl::Time sent_;
  grpc::ByteBuffer request_, response_;
  absl::Mutex mutex_;
  std::unique_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// Holds itself until gRPC is done with it.
class Forwarder::UnderWay::ServerStream final : public ForwardedCall,
                                                public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ServerStream(std::shared_ptr<UnderWay> under_way, Replicas& replicas, Forwarded call, StreamEvents events)
      : under_way_(std::move(under_way)),
        replicas_(replicas),
        call_(std::move(call)),
        path_(PathOf(*call_.method)),
        events_(std::move(events)) {
    const grpc::Slice slice(call_.request);
    request_ = grpc::ByteBuffer(&slice, 1);
    under_way_->Begin();
  }

  void Start(std::shared_ptr<ServerStream> self) {
    self_ = std::move(self);
    replica_ = replicas_.current();
    sent_ = absl::Now();
    Prepare(*context_, call_);
    replicas_.stub(replica_)->PrepareBidiStreamingCall(context_.get(), path_, {}, this);
    AddHold();  // reads are begun outside of reactions; taken back once there are no more
    StartWriteLast(&request_, {});
    StartCall();
  }

  void Cancel() override ABSL_LOCKS_EXCLUDED(mutex_) {
    bool idle;
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      idle = state_ == State::kIdle;
      if (idle) state_ = State::kOver;
      if (context_ != nullptr) context_->TryCancel();
    }
    if (idle) RemoveHold();
  }
  void Read() override ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      if (state_ != State::kIdle) return;
      state_ = State::kReading;
    }
    StartRead(&response_);
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (!ok) return RemoveHold();
    events_.begun(ToMetadata(context_->GetServerInitialMetadata()));
    StartRead(&response_);
  }
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_) {
    bool over;
    {
      absl::MutexLock lock(&mutex_);
      over = !ok || cancelled_;
      state_ = over ? State::kOver : State::kIdle;
    }
    if (over) return RemoveHold();
    replicas_.health().Answered(replica_, absl::Now());
    events_.message(ToString(response_));
  }
  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<ServerStream> self = std::move(self_);
    Reply reply;
    {
      absl::MutexLock lock(&mutex_);
      reply = ToReply(status, *context_, cancelled_);
      context_.reset();  // see UnderWay
    }
    Learn(replicas_, replica_, reply, sent_);
    StreamEvents events = std::move(events_);
    events_ = {};
    events.done(std::move(reply));
    under_way_->End();
  }

 private:
  enum class State { kReading, kIdle, kOver };  // idle: whoever called has a message, and has not asked for the next

  const std::shared_ptr<UnderWay> under_way_;
  Replicas& replicas_;
  const Forwarded call_;
  const std::string path_;
  StreamEvents events_;
  size_t replica_ = 0;
  absl::Time sent_;
  grpc::ByteBuffer request_, response_;
  absl::Mutex mutex_;
  // Released under the mutex, once there are no more reactions: they need none to use it.
  std::unique_ptr<grpc::ClientContext> context_ = std::make_unique<grpc::ClientContext>();
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kReading;
  std::shared_ptr<ServerStream> self_;
};

Forwarder::Forwarder(const Options& options, std::vector<const google::protobuf::ServiceDescriptor*> others)
    : connection_(std::make_unique<Connection>(options, others)), under_way_(std::make_shared<UnderWay>()) {}

Forwarder::Forwarder(const Options& options, std::shared_ptr<grpc::Channel> channel)
    : connection_(channel == nullptr ? std::make_unique<Connection>(options)
                                     : std::make_unique<Connection>(options, std::move(channel))),
      under_way_(std::make_shared<UnderWay>()) {}

Forwarder::~Forwarder() { under_way_->AwaitNone(); }

absl::Status Forwarder::Check() const { return connection_->address_status(); }

namespace {

struct NoCall final : ForwardedCall {
  void Cancel() override {}
  void Read() override {}
};

// Absent: the call can be made.
std::optional<Reply> WhyNot(const Forwarded& call, const Replicas* replicas) {
  if (replicas == nullptr) {
    return Failed(grpc::StatusCode::UNAVAILABLE,
                  std::string(NoAddressOf(ServiceName(*call.method->service())).message()));
  }
  for (const auto& [key, value] : call.metadata) {
    if (CanBeSent(key, value)) continue;
    return Failed(grpc::StatusCode::INVALID_ARGUMENT,
                  absl::StrCat("the value of ", key, " has characters that cannot be passed on: use ASCII"));
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<ForwardedCall> Forwarder::Call(Forwarded call, std::function<void(Reply)> done) const {
  Replicas* replicas = connection_->ReplicasOf(*call.method->service());
  if (std::optional<Reply> refusal = WhyNot(call, replicas)) {
    done(*std::move(refusal));
    return std::make_shared<NoCall>();
  }
  connection_->ProbeIfDue(*replicas);
  auto unary = std::make_shared<UnderWay::Unary>(under_way_, *replicas, std::move(call), std::move(done));
  unary->Send(replicas->current());
  return unary;
}

std::shared_ptr<ForwardedCall> Forwarder::Stream(Forwarded call, StreamEvents events) const {
  Replicas* replicas = connection_->ReplicasOf(*call.method->service());
  if (std::optional<Reply> refusal = WhyNot(call, replicas)) {
    events.done(*std::move(refusal));
    return std::make_shared<NoCall>();
  }
  connection_->ProbeIfDue(*replicas);
  auto stream = std::make_shared<UnderWay::ServerStream>(under_way_, *replicas, std::move(call), std::move(events));
  stream->Start(stream);
  return stream;
}

}  // namespace throughline::client
