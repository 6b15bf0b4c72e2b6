#include <atomic>

#include "services/edge/connect/call.h"
#include "services/edge/connect/codes.h"
#include "services/edge/connect/envelope.h"
#include "services/edge/connect/gzip.h"

namespace throughline::edge::connect {
namespace {

// One stream. Its callbacks run one after the other, on gRPC's threads.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::shared_ptr<http::Exchange> exchange, const google::protobuf::MethodDescriptor& method, Codec codec,
         const HeaderRules& rules)
      : exchange_(std::move(exchange)), method_(method), codec_(codec), rules_(rules) {
    const std::string* accepted = exchange_->request().headers.Find("connect-accept-encoding");
    compresses_ = accepted != nullptr && Accepts(*accepted, "gzip");
  }

  void Start(const client::Forwarder& forwarder, client::Forwarded call) {
    exchange_->OnEnded([self = shared_from_this()](http::Exchange::Ended how) {
      if (how == http::Exchange::Ended::kDraining) self->draining_.store(true);
      self->call_.Cancel();
    });
    call_.Set(forwarder.Stream(
        std::move(call),
        {.begun = [self = shared_from_this()](client::Metadata headers) { self->Begin(headers); },
         .message = [self = shared_from_this()](std::string message) { self->Pass(std::move(message)); },
         .done = [self = shared_from_this()](client::Reply reply) { self->End(std::move(reply)); }}));
  }

  // Without a call.
  void Fail(const absl::Status& status) { End(Error::Of(status), {}); }

 private:
  void Begin(const client::Metadata& headers) {
    begun_ = true;
    http::Response head;
    for (auto& [name, value] : Outward(headers, rules_)) head.headers.Add(name, std::move(value));
    head.headers.Add("content-type", codec_ == Codec::kJson ? "application/connect+json" : "application/connect+proto");
    head.headers.Add("cache-control", "no-store");
    head.headers.Add("connect-accept-encoding", "gzip");
    if (compresses_) head.headers.Add("connect-content-encoding", "gzip");
    exchange_->Begin(std::move(head));
  }

  void Pass(std::string message) {
    absl::StatusOr<std::string> encoded = Encode(codec_, *method_.output_type(), std::move(message));
    if (!encoded.ok()) {
      broken_ = encoded.status();
      return call_.Cancel();
    }
    exchange_->Send(Enclosed(0, *encoded), [self = shared_from_this()] { self->call_.Read(); });
  }

  void End(client::Reply reply) {
    std::optional<Error> error;
    if (reply.code != kOk) error = Error::Of(reply);
    if (!broken_.ok()) error = Error::Of(broken_);
    if (draining_.load() && reply.code == kCanceled) {
      error = Error::Of(absl::UnavailableError("the server stops: call again, and name where to resume"));
    }
    End(error, reply.trailers);
  }

  void End(const std::optional<Error>& error, const client::Metadata& trailers) {
    if (!begun_) Begin({});
    exchange_->End(Enclosed(Envelope::kEndOfStream, EndOfStream(error, Outward(trailers, rules_))));
  }

  std::string Enclosed(unsigned char flags, const std::string& message) const {
    if (!compresses_ || message.size() < kCompressFrom) return Enclose(flags, message);
    return Enclose(flags | Envelope::kCompressed, Compress(message));
  }

  const std::shared_ptr<http::Exchange> exchange_;
  const google::protobuf::MethodDescriptor& method_;
  const Codec codec_;
  const HeaderRules& rules_;
  bool compresses_ = false;
  bool begun_ = false;
  absl::Status broken_;
  std::atomic<bool> draining_{false};
  CallHolder call_;
};

absl::StatusOr<std::string> MessageOf(const http::Request& request, size_t most) {
  const std::string* coding = request.headers.Find("connect-content-encoding");
  const std::string named = coding == nullptr ? "" : *coding;
  const absl::StatusOr<Envelope> envelope = OnlyEnvelope(request.body);
  if (!envelope.ok()) return envelope.status();
  const bool compressed = (envelope->flags & Envelope::kCompressed) != 0;
  if (envelope->flags > Envelope::kCompressed)
    return absl::InvalidArgumentError("the message has flags that a request cannot have");
  if (compressed && (named.empty() || named == "identity")) {
    return absl::InternalError("the message is compressed, but Connect-Content-Encoding does not say how");
  }
  // A coding that is not known is refused, even if this message does not use it.
  if (absl::StatusOr<std::string> known = Decoded("", named, most); !known.ok()) return known;
  return Decoded(envelope->message, compressed ? named : "", most);
}

}  // namespace

void CallStream(std::shared_ptr<http::Exchange> exchange, const client::Forwarder& forwarder,
                const google::protobuf::MethodDescriptor& method, Codec codec, const Options& options) {
  const auto stream = std::make_shared<Stream>(exchange, method, codec, options.headers);
  if (method.client_streaming()) {
    return stream->Fail(absl::UnimplementedError(
        "a call to which the client streams needs HTTP/2: use gRPC, at the service's own address"));
  }
  absl::StatusOr<std::string> message = MessageOf(exchange->request(), options.message_bytes);
  if (!message.ok()) return stream->Fail(message.status());
  absl::StatusOr<client::Forwarded> call = ToForward(method, codec, *std::move(message), exchange->request(), options);
  if (!call.ok()) return stream->Fail(call.status());
  stream->Start(forwarder, *std::move(call));
}

}  // namespace throughline::edge::connect
