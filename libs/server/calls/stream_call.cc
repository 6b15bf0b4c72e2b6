// Server streams and bidirectional streams over gRPC's callback API. Both are bidirectional for gRPC; a server stream
// reads one message and then only writes.
//
// There is at most one write at a time; further messages wait in a bounded queue. There is at most one read at a time,
// and none while the handler has a full window of messages or the queue is half full (back-pressure). gRPC's Finish is
// called exactly once, after the last write.

#include <cstdlib>
#include <iterator>
#include <list>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/server/calls/errors.h"
#include "libs/server/calls/served_call.h"

namespace throughline::server {
namespace {

absl::Status Draining() {
  return runtime::WithRetryAfter(
      runtime::Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                      "this server is shutting down: connect again and continue where you were"),
      absl::Seconds(1));
}

class StreamCall final : public ServedCall, public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  StreamCall(CallGate& gate, ServedMethod& method, grpc::CallbackServerContext& transport)
      : ServedCall(gate, method, transport, true),
        bidi_(method.method.kind == Api::Kind::kBidiStream),
        room_(bidi_ ? method.method.window : 1) {}

  void Start() {
    if (absl::Status status = Begin(); !status.ok()) return Finish(status);
    if (bidi_) {
      std::shared_ptr<Api::RawSession> session;
      const std::shared_ptr<internal::Call> ticket = Ticket();
      Guard([&] { session = method().method.open(ticket); });
      if (session == nullptr) return Finish(absl::InternalError("the handler made no session"));
      message_ = session->NewMessage();
      bool late = false, half_closed = false;
      {
        absl::MutexLock lock(&mu_);
        session_ = session;
        late = over();               // finished meanwhile, for instance by the handler
        half_closed = half_closed_;  // drained meanwhile, when there was no session
      }
      if (late) {
        session->OnOver();
      } else if (half_closed) {
        session->OnHalfClose();
      }
    }
    absl::MutexLock lock(&mu_);
    ReadMore();
  }

  bool Receive(google::protobuf::Message& request) override {
    absl::Status status = Parse(incoming_, request);
    incoming_.Clear();
    if (!status.ok()) Finish(status);
    return status.ok();
  }

  void Answer(const google::protobuf::Message&) override { std::abort(); }

  bool Write(const google::protobuf::Message& response, const std::string_view* key) override {
    if (over()) return false;
    if (absl::Status status = Audit(response); !status.ok()) {
      End(status, /*send_queued=*/false);
      return false;
    }
    grpc::ByteBuffer bytes = ToBytes(response);
    bool too_slow = false;
    {
      absl::MutexLock lock(&mu_);
      if (over()) return false;
      Enqueue(bytes, key);
      const ServerOptions& options = gate().options();
      // One message alone says nothing about the reader, however large it is.
      too_slow = queue_.size() > 1 &&
                 (queue_.size() > options.max_queued_messages || queued_bytes_ > options.max_queued_bytes);
      if (!too_slow) Pump();
    }
    if (!too_slow) return true;
    End(runtime::Refuse(absl::StatusCode::kResourceExhausted, "READER_TOO_SLOW",
                        "the queue of unread messages is full: read faster, or connect again"),
        /*send_queued=*/false);
    return false;
  }

  void Release(int count) override {
    absl::MutexLock lock(&mu_);
    room_ += count;
    ReadMore();
  }

  bool TakeEvents(int count) override {
    absl::MutexLock lock(&mu_);
    const int further = count - charged_;
    if (further <= 0) return true;
    absl::Status status = gate().TakeFurtherEvents(*this, further, charged_);
    if (status.ok()) charged_ = count;
    ending_.Update(status);
    return status.ok();
  }

  void Finish(const absl::Status& status) override {
    absl::Status early;
    {
      absl::MutexLock lock(&mu_);
      early = ending_;
    }
    // A client whose stream was ended early must not take OK for completion.
    End(status.ok() ? early : status, /*send_queued=*/true);
  }

  void Drain() override {
    if (!bidi_) return Finish(Draining());
    bool idle = false;
    {
      absl::MutexLock lock(&mu_);
      ending_.Update(Draining());
      idle = !delivering_;
    }
    if (idle) HalfClose();
  }

  // Queued acknowledgements are sent: they are for work done before the revocation. Queued updates of a watch are not.
  void Revoke(const absl::Status& why) override { End(why, /*send_queued=*/bidi_); }

  void OnReadDone(bool ok) override {
    bool too_many = false;
    {
      absl::MutexLock lock(&mu_);
      reading_ = false;
      if (over() || !ending_.ok()) return;
      if (ok && bidi_) {
        charged_ = Quota::EventsOf(incoming_.Length());
        ending_ = gate().TakeEvents(*this, charged_);
      }
      too_many = !ending_.ok();
      if (ok && !too_many) {
        delivering_ = true;
        --room_;
      }
    }
    // The message beyond the rate is dropped; earlier ones are answered, then the stream ends with the reason.
    if (too_many) return HalfClose();
    if (!ok) return bidi_ ? HalfClose() : EndWithoutRequest();
    method().probe.Received();
    const std::shared_ptr<internal::Call> ticket = bidi_ ? nullptr : Ticket();
    if (!bidi_) return Guard([&] { method().method.run(ticket); });
    Deliver();
    bool half_close = false;
    {
      absl::MutexLock lock(&mu_);
      delivering_ = false;
      half_close = !ending_.ok();
      ReadMore();
    }
    if (half_close) HalfClose();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) End(WhyCancelled(), /*send_queued=*/false);
    absl::MutexLock lock(&mu_);
    writing_ = false;
    outgoing_.Clear();
    if (ok) method().probe.Sent();
    Pump();
    ReadMore();
  }

  void OnCancel() override { End(WhyCancelled(), /*send_queued=*/false); }

  void OnDone() override {
    std::shared_ptr<Api::RawSession> session;
    {
      absl::MutexLock lock(&mu_);
      session.swap(session_);
    }
    session.reset();  // its response stream may hold the last ticket
    Done();
  }

 private:
  struct Queued {
    std::optional<std::string> key;
    grpc::ByteBuffer bytes;
  };

  void Deliver() {
    absl::Status status = Parse(incoming_, *message_);
    incoming_.Clear();
    std::shared_ptr<Api::RawSession> session;
    {
      absl::MutexLock lock(&mu_);
      session = session_;
    }
    if (status.ok()) return Guard([&] { session->OnMessage(*message_); });
    // A message with a bad field does not end the stream; bytes that are not a message do.
    bool answered = false;
    if (!runtime::BadFieldsOf(status).empty()) Guard([&] { answered = session->OnBadMessage(*message_, status); });
    if (!answered) Finish(status);
  }

  void HalfClose() {
    std::shared_ptr<Api::RawSession> session;
    {
      absl::MutexLock lock(&mu_);
      if (std::exchange(half_closed_, true)) return;
      session = session_;
    }
    if (session != nullptr && !over()) session->OnHalfClose();
  }

  void EndWithoutRequest() {
    Finish(
        runtime::Refuse(absl::StatusCode::kInvalidArgument, "NO_REQUEST", "the stream ended before its request came"));
  }

  void End(const absl::Status& status, bool send_queued) {
    std::shared_ptr<Api::RawSession> session;
    {
      absl::MutexLock lock(&mu_);
      if (!send_queued) {
        queue_.clear();
        newest_.clear();
        queued_bytes_ = 0;
      }
      if (!BecomeOver(status)) return Pump();
      session = session_;
      // After Pump calls Finish, gRPC may release its reference before the hooks have run.
      Ref();
      Pump();
    }
    RunHooks();
    if (session != nullptr) session->OnOver();
    Unref();
  }

  void Enqueue(grpc::ByteBuffer& bytes, const std::string_view* key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    queued_bytes_ += bytes.Length();
    if (key != nullptr) {
      if (auto before = newest_.find(absl::string_view(key->data(), key->size())); before != newest_.end()) {
        queued_bytes_ -= before->second->bytes.Length();
        queue_.erase(before->second);
        newest_.erase(before);
      }
    }
    queue_.push_back({key == nullptr ? std::nullopt : std::optional<std::string>(*key), bytes});
    if (key != nullptr) newest_.emplace(*key, std::prev(queue_.end()));
  }

  // Starts the next write, or Finish, if possible now.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (writing_ || finished_) return;
    if (!queue_.empty()) {
      writing_ = true;
      outgoing_.Swap(&queue_.front().bytes);
      if (queue_.front().key) newest_.erase(*queue_.front().key);
      queue_.pop_front();
      queued_bytes_ -= outgoing_.Length();
      grpc::WriteOptions options;
      // Another write follows at once: gRPC may put both into one packet.
      if (!queue_.empty()) options.set_buffer_hint();
      StartWrite(&outgoing_, options);
    } else if (over()) {
      finished_ = true;
      grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>::Finish(ToGrpc(final_status()));
    }
  }

  void ReadMore() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (reading_ || delivering_ || !ending_.ok() || half_closed_ || room_ <= 0 || over()) return;
    // Back-pressure: a client that does not read its acknowledgements is slowed down instead of being disconnected.
    const ServerOptions& options = gate().options();
    if (queue_.size() > options.max_queued_messages / 2 || queued_bytes_ > options.max_queued_bytes / 2) return;
    reading_ = true;
    StartRead(&incoming_);
  }

  const bool bidi_;
  absl::Mutex mu_;
  std::list<Queued> queue_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, std::list<Queued>::iterator> newest_ ABSL_GUARDED_BY(mu_);  // by key, in the queue
  size_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool delivering_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status ending_ ABSL_GUARDED_BY(mu_);  // not OK: why nothing more is read
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  int charged_ ABSL_GUARDED_BY(mu_) = 0;  // events charged for the message being delivered
  int room_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<Api::RawSession> session_ ABSL_GUARDED_BY(mu_);
  grpc::ByteBuffer outgoing_;  // gRPC's while writing_
  grpc::ByteBuffer incoming_;  // gRPC's while reading_, then the deliverer's
  std::unique_ptr<google::protobuf::Message> message_;
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartStreamCall(CallGate& gate, ServedMethod& method,
                                                                             grpc::CallbackServerContext& transport) {
  auto* call = new StreamCall(gate, method, transport);
  call->Start();
  return call;
}

}  // namespace throughline::server
