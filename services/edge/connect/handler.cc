#include "services/edge/connect/handler.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/client/services.h"
#include "services/edge/connect/call.h"
#include "services/edge/connect/codes.h"

namespace throughline::edge::connect {
namespace {

// `application/` removed, and what follows a semicolon; "" for anything else.
std::string SubtypeOf(const http::Headers& headers) {
  const std::string* given = headers.Find("content-type");
  if (given == nullptr) return "";
  std::string type = absl::AsciiStrToLower(given->substr(0, given->find(';')));
  absl::StripAsciiWhitespace(&type);
  absl::string_view rest = type;
  return absl::ConsumePrefix(&rest, "application/") ? std::string(rest) : "";
}

// The refusals before the protocol begins have no code of their own.
void RefuseWith(http::Exchange& exchange, int status, const std::string& name, const std::string& value,
                std::string message) {
  http::Headers headers;
  headers.Add(name, value);
  Refuse(exchange, status, {.code = kUnknown, .message = std::move(message)}, std::move(headers));
}

struct Query {
  std::string encoding;
  absl::StatusOr<std::string> message;
};

absl::StatusOr<Query> ReadQuery(const std::string& text, size_t most) {
  const auto pairs = http::ParseQuery(text);
  if (!pairs.has_value()) return absl::InvalidArgumentError("the query is not percent-encoded");
  std::string version = "v1", encoding, base64, compression;
  std::optional<std::string> message;
  for (const auto& [name, value] : *pairs) {
    if (name == "connect") version = value;
    if (name == "encoding") encoding = value;
    if (name == "base64") base64 = value;
    if (name == "compression") compression = value;
    if (name == "message") message = value;
  }
  if (version != "v1") return absl::InvalidArgumentError("the parameter connect must be v1");
  if (!message.has_value()) return absl::InvalidArgumentError("the parameter message is missing");
  if (base64 == "1") {
    std::string bytes;
    if (!absl::WebSafeBase64Unescape(*message, &bytes)) {
      return absl::InvalidArgumentError("the parameter message is not base64 for URLs");
    }
    message = std::move(bytes);
  }
  return Query{encoding, Decoded(*message, compression, most)};
}

}  // namespace

Handler::Handler(const client::Forwarder& forwarder,
                 const std::vector<const google::protobuf::ServiceDescriptor*>& services, Options options)
    : forwarder_(forwarder), options_(std::move(options)) {
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      methods_.emplace(client::PathOf(*service->method(i)), service->method(i));
    }
  }
}

void Handler::Handle(std::shared_ptr<http::Exchange> exchange) const {
  const http::Request& request = exchange->request();
  const auto found = methods_.find(request.path);
  if (found == methods_.end()) {
    exchange->SetRoute(kNone);
    return Refuse(*exchange, 404, {.code = kUnimplemented, .message = "there is nothing at this path"});
  }
  const google::protobuf::MethodDescriptor& method = *found->second;
  const bool streams = method.server_streaming() || method.client_streaming();
  const bool may_get = !streams && IsRead(method);
  const bool get = request.method == "GET" && may_get;
  exchange->SetRoute(streams ? kStream : get ? kGet : kPost);
  if (request.method != "POST" && !get) {
    const std::string allowed = may_get ? "GET, POST" : "POST";
    return RefuseWith(*exchange, 405, "allow", allowed, absl::StrCat("use ", allowed));
  }
  if (get) {
    absl::StatusOr<Query> query = ReadQuery(request.query, options_.message_bytes);
    if (!query.ok()) return Refuse(*exchange, 400, Error::Of(query.status()));
    const std::optional<Codec> codec = CodecNamed(query->encoding);
    if (!codec.has_value()) {
      return RefuseWith(*exchange, 415, "accept-post", "application/json, application/proto",
                        "the parameter encoding must be json or proto");
    }
    return CallUnary(std::move(exchange), forwarder_, method, *codec, std::move(query->message), options_);
  }
  const std::string subtype = SubtypeOf(request.headers);
  absl::string_view codec_name = subtype;
  const bool enveloped = absl::ConsumePrefix(&codec_name, "connect+");
  const std::optional<Codec> codec = CodecNamed({codec_name.data(), codec_name.size()});
  if (!codec.has_value() || enveloped != streams) {
    const std::string known =
        streams ? "application/connect+json, application/connect+proto" : "application/json, application/proto";
    return RefuseWith(*exchange, 415, "accept-post", known, absl::StrCat("the Content-Type must be one of ", known));
  }
  if (streams) return CallStream(std::move(exchange), forwarder_, method, *codec, options_);
  const std::string* coding = request.headers.Find("content-encoding");
  CallUnary(exchange, forwarder_, method, *codec,
            Decoded(request.body, coding == nullptr ? "" : *coding, options_.message_bytes), options_);
}

}  // namespace throughline::edge::connect
