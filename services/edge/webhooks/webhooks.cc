#include "services/edge/webhooks/webhooks.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/client/services.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/server/checks/utf8.h"
#include "libs/server/operations/logging.h"
#include "services/edge/connect/call.h"
#include "services/edge/connect/codes.h"
#include "services/edge/connect/headers.h"
#include "throughline/supplier/v1/push.pb.h"

namespace throughline::edge {
namespace {

constexpr std::chrono::milliseconds kReadAgainEvery{500};
constexpr size_t kMostChallengeBytes = 256;
constexpr size_t kMostContentTypeBytes = 256;
constexpr int64_t kRepairSeconds = 60;  // until somebody has put the endpoint right

using client::Reply;
using supplier::v1::PushRawEventsResponse;

// What becomes of a push.
struct Verdict {
  int status;
  const char* outcome;  // a label of the metrics
  connect::Error error = {};
  std::optional<int64_t> retry_after = {};
};

// Nothing of what a code says about us is the source's fault: it tries again.
Verdict Unavailable(const connect::Error& error) {
  return {503,
          "unavailable",
          {.code = connect::kUnavailable, .message = "the push is not stored: send it again"},
          connect::RetryAfterSeconds(error).value_or(1)};
}

Verdict Misconfigured() {
  return {
      503,
      "misconfigured",
      {.code = connect::kUnavailable, .message = "the push is not stored: the endpoint is not in order; send it again"},
      kRepairSeconds};
}

bool TryAgain(int code) {
  return code == connect::kUnavailable || code == connect::kAborted || code == connect::kDeadlineExceeded ||
         code == connect::kResourceExhausted || code == connect::kCanceled;
}

Verdict Judge(const supplier::v1::PushError& error) {
  if (TryAgain(error.code())) return Unavailable({.code = error.code()});
  if (error.code() != connect::kInvalidArgument || error.reason() == "FORMAT_UNKNOWN") return Misconfigured();
  return {422, "refused", {.code = connect::kInvalidArgument, .message = error.message()}};
}

// The worst of all events counts: whoever gets a 2xx never sends again.
Verdict Judge(const PushRawEventsResponse& response) {
  if (response.has_error()) return Judge(response.error());
  std::optional<Verdict> worst;
  bool quarantined = false;
  for (const supplier::v1::RawEventResult& event : response.events()) {
    quarantined |= event.result() == supplier::v1::PUSH_RESULT_QUARANTINED;
    if (!event.has_error()) continue;
    const Verdict verdict = Judge(event.error());
    if (!worst || verdict.status > worst->status) worst = verdict;
  }
  if (worst) return *worst;
  return {200, quarantined ? "quarantined" : "durable"};
}

Verdict Judge(const Reply& reply) {
  PushRawEventsResponse response;
  if (reply.code == connect::kOk) {
    return response.ParseFromString(reply.response) ? Judge(response) : Misconfigured();
  }
  return TryAgain(reply.code) ? Unavailable(connect::Error::Of(reply)) : Misconfigured();
}

void Answer(http::Exchange& exchange, const Verdict& verdict) {
  http::Headers headers;
  if (verdict.retry_after) headers.Add("retry-after", absl::StrCat(*verdict.retry_after));
  headers.Add("content-type", "application/json");
  headers.Add("cache-control", "no-store");
  exchange.Answer({.status = verdict.status,
                   .headers = std::move(headers),
                   .body = verdict.status == 200 ? "{}" : connect::ToJson(verdict.error)});
}

void Refuse(http::Exchange& exchange, int status, int code, std::string message, http::Headers headers = {}) {
  connect::Refuse(exchange, status, {.code = code, .message = std::move(message)}, std::move(headers));
}

// The value of a query's parameter; "" if there is none.
std::string Parameter(const std::string& query, std::string_view name) {
  const auto pairs = http::ParseQuery(query);
  if (!pairs.has_value()) return "";
  for (const auto& [key, value] : *pairs) {
    if (key == name) return value;
  }
  return "";
}

// Words of a URL: what is sent back must not be a page of somebody else's.
bool MaySendBack(const std::string& challenge) {
  return !challenge.empty() && challenge.size() <= kMostChallengeBytes &&
         std::all_of(challenge.begin(), challenge.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || absl::StrContains("-._~+/=", std::string(1, static_cast<char>(c)));
         });
}

absl::Status Verify(const Endpoint& endpoint, const http::Request& request, absl::Time now) {
  if (!endpoint.user_agent.empty()) {
    const std::string* agent = request.headers.Find("user-agent");
    if (agent == nullptr || !absl::StartsWith(*agent, endpoint.user_agent)) {
      return runtime::Refuse(absl::StatusCode::kUnauthenticated, "SIGNATURE_WRONG",
                             "the push does not come from the program that it should come from");
    }
  }
  const std::string token = Parameter(request.query, "token");
  supplier::Push push{.headers = {}, .token = token, .body = request.body};
  for (const auto& [name, value] : request.headers) push.headers.push_back({name, value});
  return supplier::VerifyPush(endpoint.scheme, endpoint.keys, push, now);
}

std::string ContentType(const http::Request& request) {
  const std::string* type = request.headers.Find("content-type");
  if (type == nullptr || type->size() > kMostContentTypeBytes) return "";
  const bool plain = std::all_of(type->begin(), type->end(), [](unsigned char c) { return absl::ascii_isprint(c); });
  return plain ? *type : "";
}

const google::protobuf::MethodDescriptor& PushRawEvents() {
  static const auto* const method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "throughline.supplier.v1.SupplierTrackingService.PushRawEvents");
  return *method;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Webhooks>> Webhooks::Open(const client::Forwarder& forwarder,
                                                         prometheus::Registry& registry, Options options,
                                                         const Credential& credential) {
  const std::filesystem::path directory = std::filesystem::absolute(options.endpoints).parent_path();
  auto endpoints = files::Reloaded<Endpoints>::Load(
      {options.endpoints, directory.string()}, [path = options.endpoints] { return ReadEndpoints(path); },
      kReadAgainEvery);
  if (!endpoints.ok()) return endpoints.status();
  return std::unique_ptr<Webhooks>(
      new Webhooks(forwarder, registry, std::move(options), credential, *std::move(endpoints)));
}

Webhooks::Webhooks(const client::Forwarder& forwarder, prometheus::Registry& registry, Options options,
                   const Credential& credential, std::unique_ptr<files::Reloaded<Endpoints>> endpoints)
    : forwarder_(forwarder),
      options_(std::move(options)),
      credential_(credential),
      endpoints_(std::move(endpoints)),
      probe_(std::make_shared<WebhookProbe>(registry)) {}

bool Webhooks::Handle(const std::shared_ptr<http::Exchange>& exchange) const {
  const http::Request& request = exchange->request();
  if (!absl::StartsWith(request.path, kPrefix)) return false;
  exchange->SetRoute(kRoute);
  const std::shared_ptr<const Endpoints> endpoints = endpoints_->Get();
  const auto found = endpoints->find(request.path);
  if (found == endpoints->end()) {
    Refuse(*exchange, 404, connect::kNotFound, "there is no such endpoint");
  } else if (request.method == "POST") {
    Push(exchange, found->second);
  } else if (request.method == "HEAD") {
    exchange->Answer({.status = 200});  // how some see whether an address is there
  } else if (const std::string challenge =
                 found->second.challenge.empty() ? "" : Parameter(request.query, found->second.challenge);
             request.method == "GET" && MaySendBack(challenge)) {
    http::Response response{.body = challenge};
    response.headers.Add("content-type", "text/plain; charset=utf-8");
    response.headers.Add("cache-control", "no-store");
    exchange->Answer(std::move(response));
  } else {
    http::Headers headers;
    headers.Add("allow", "POST, HEAD");
    Refuse(*exchange, 405, connect::kUnknown, "use POST", std::move(headers));
  }
  return true;
}

void Webhooks::Push(const std::shared_ptr<http::Exchange>& exchange, const Endpoint& endpoint) const {
  const http::Request& request = exchange->request();
  if (const std::string* coding = request.headers.Find("content-encoding");
      coding != nullptr && *coding != "identity") {
    return Refuse(*exchange, 415, connect::kUnknown, "send the push uncompressed");
  }
  const absl::Status genuine = Verify(endpoint, request, absl::Now());
  if (!genuine.ok()) {
    const std::string reason = runtime::ReasonOf(genuine).value_or("");
    if (!absl::IsUnauthenticated(genuine)) {
      server::Log(server::LogLevel::kError, {},
                  absl::StrCat("webhooks of ", endpoint.carrier, ": ", genuine.message()));
      probe_->Answered(endpoint.carrier, "misconfigured");
      return Answer(*exchange, Misconfigured());
    }
    probe_->Answered(endpoint.carrier, reason == "SIGNATURE_STALE" ? "stale" : "unsigned");
    return Refuse(*exchange, 401, connect::kUnauthenticated, std::string(genuine.message()));
  }
  if (request.body.empty()) {
    probe_->Answered(endpoint.carrier, "refused");
    return Refuse(*exchange, 400, connect::kInvalidArgument, "the push has no body");
  }
  supplier::v1::PushRawEventsRequest push;
  push.set_format(endpoint.format);
  push.set_body(request.body);
  push.set_content_type(ContentType(request));
  absl::StatusOr<client::Metadata> metadata =
      connect::Inward(request.headers, {.in = {"x-correlation-id", "traceparent", "tracestate"}});
  client::Metadata sent = metadata.ok() ? *std::move(metadata) : client::Metadata();
  sent.emplace_back("authorization", credential_.Bearer());
  // One payload and one answer are a unary call on the wire. Its events are recognised when it comes again, so another
  // replica may get it, too. It goes on if the source hangs up: what it sent is then known when it sends it again.
  forwarder_.Call({.method = &PushRawEvents(),
                   .request = push.SerializeAsString(),
                   .metadata = std::move(sent),
                   .deadline = absl::Now() + options_.deadline,
                   .repeatable = true},
                  [exchange, probe = probe_, carrier = endpoint.carrier](const Reply& reply) {
                    const Verdict verdict = Judge(reply);
                    probe->Answered(carrier, verdict.outcome);
                    if (verdict.status != 200) {
                      server::Log(server::LogLevel::kWarning, {},
                                  absl::StrCat("a push of ", carrier, " is not stored (", verdict.outcome,
                                               "): ", reply.message.empty() ? verdict.error.message : reply.message));
                    }
                    Answer(*exchange, verdict);
                  });
}

}  // namespace throughline::edge
