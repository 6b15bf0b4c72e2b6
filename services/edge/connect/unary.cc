#include "services/edge/connect/call.h"
#include "services/edge/connect/codes.h"
#include "services/edge/connect/gzip.h"

namespace throughline::edge::connect {
namespace {

http::Headers Metadata(const client::Reply& reply, const HeaderRules& rules) {
  http::Headers headers;
  for (auto& [name, value] : Outward(reply.headers, rules)) headers.Add(name, std::move(value));
  for (auto& [name, value] : Outward(reply.trailers, rules)) headers.Add("trailer-" + name, std::move(value));
  return headers;
}

void Answer(http::Exchange& exchange, Codec codec, const google::protobuf::Descriptor& type, client::Reply reply,
            const HeaderRules& rules) {
  http::Headers headers = Metadata(reply, rules);
  if (reply.code != kOk) return Refuse(exchange, HttpStatusOf(reply.code), Error::Of(reply), std::move(headers));
  absl::StatusOr<std::string> body = Encode(codec, type, std::move(reply.response));
  if (!body.ok()) return Refuse(exchange, HttpStatusOf(kInternal), Error::Of(body.status()), std::move(headers));
  http::Response response{.headers = std::move(headers), .body = *std::move(body)};
  response.headers.Add("content-type", codec == Codec::kJson ? "application/json" : "application/proto");
  response.headers.Add("cache-control", "no-store");
  const std::string* accepted = exchange.request().headers.Find("accept-encoding");
  if (accepted != nullptr && response.body.size() >= kCompressFrom && Accepts(*accepted, "gzip")) {
    response.body = Compress(response.body);
    response.headers.Add("content-encoding", "gzip");
  }
  exchange.Answer(std::move(response));
}

}  // namespace

void CallUnary(std::shared_ptr<http::Exchange> exchange, const client::Forwarder& forwarder,
               const google::protobuf::MethodDescriptor& method, Codec codec, absl::StatusOr<std::string> message,
               const Options& options) {
  absl::StatusOr<client::Forwarded> call =
      message.ok() ? ToForward(method, codec, *std::move(message), exchange->request(), options)
                   : absl::StatusOr<client::Forwarded>(message.status());
  if (!call.ok()) {
    http::Headers headers;
    if (absl::IsUnimplemented(call.status())) headers.Add("accept-encoding", "gzip");
    return Refuse(*exchange, HttpStatusOf(call.status().raw_code()), Error::Of(call.status()), std::move(headers));
  }
  auto holder = std::make_shared<CallHolder>();
  exchange->OnEnded([holder](http::Exchange::Ended how) {
    // What is under way when the server stops is still answered.
    if (how == http::Exchange::Ended::kClientGone) holder->Cancel();
  });
  holder->Set(forwarder.Call(*std::move(call), [exchange, codec, &method, &options](client::Reply reply) {
    Answer(*exchange, codec, *method.output_type(), std::move(reply), options.headers);
  }));
}

}  // namespace throughline::edge::connect
