#include "services/edge/connect/call.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/client/client.h"
#include "services/edge/connect/gzip.h"

namespace throughline::edge::connect {
namespace {

constexpr size_t kMaxTimeoutDigits = 10;

// INVALID_ARGUMENT: it is not a number of milliseconds of at most ten digits. DEADLINE_EXCEEDED: it is 0.
absl::StatusOr<absl::Duration> TimeoutOf(const http::Headers& headers, absl::Duration otherwise) {
  const std::string* text = headers.Find("connect-timeout-ms");
  if (text == nullptr) return otherwise;
  int64_t milliseconds = 0;
  if (text->empty() || text->size() > kMaxTimeoutDigits ||
      !std::all_of(text->begin(), text->end(), absl::ascii_isdigit) || !absl::SimpleAtoi(*text, &milliseconds)) {
    return absl::InvalidArgumentError("Connect-Timeout-Ms is not a number of milliseconds with at most ten digits");
  }
  // gRPC may answer a call whose time is over already.
  if (milliseconds == 0) return absl::DeadlineExceededError("Connect-Timeout-Ms is 0");
  return absl::Milliseconds(milliseconds);
}

}  // namespace

absl::StatusOr<std::string> Decoded(std::string_view message, std::string_view coding, size_t most) {
  if (!coding.empty() && coding != "identity" && coding != "gzip") {
    return absl::UnimplementedError("the compression is not known here: use gzip or identity");
  }
  if (coding == "gzip" && !message.empty()) return Decompress(message, most);
  if (message.size() > most) {
    return absl::ResourceExhaustedError(absl::StrCat("the message has more than ", most, " bytes"));
  }
  return std::string(message);
}

// The time that a service has for a call of which the client waits for `timeout`: less, so that the client reads why it
// ended. gRPC rounds what it carries up, by a hundredth at most.
absl::Duration ForService(absl::Duration timeout) { return timeout * 0.97; }

absl::StatusOr<client::Forwarded> ToForward(const google::protobuf::MethodDescriptor& method, Codec codec,
                                            std::string message, const http::Request& request, const Options& options) {
  if (const std::string* version = request.headers.Find("connect-protocol-version");
      version != nullptr && *version != "1") {
    return absl::InvalidArgumentError("Connect-Protocol-Version must be 1");
  }
  const absl::StatusOr<absl::Duration> timeout =
      TimeoutOf(request.headers, method.server_streaming() ? absl::InfiniteDuration() : options.deadline);
  if (!timeout.ok()) return timeout.status();
  absl::StatusOr<client::Metadata> metadata = Inward(request.headers, options.headers);
  if (!metadata.ok()) return metadata.status();
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> parsed = Parse(codec, *method.input_type(), message);
  if (!parsed.ok()) return parsed.status();
  const bool command = !client::EnsureCommandId(**parsed).empty();
  if (codec == Codec::kJson || command) message = (*parsed)->SerializeAsString();
  return client::Forwarded{.method = &method,
                           .request = std::move(message),
                           .metadata = *std::move(metadata),
                           .deadline = absl::Now() + ForService(*timeout),
                           .repeatable = command || IsRead(method)};
}

void CallHolder::Set(std::shared_ptr<client::ForwardedCall> call) {
  bool cancelled, reads;
  {
    absl::MutexLock lock(&mutex_);
    call_ = call;
    cancelled = cancelled_;
    reads = std::exchange(reads_, false);
  }
  if (cancelled) call->Cancel();
  if (reads) call->Read();
}

void CallHolder::Cancel() {
  std::shared_ptr<client::ForwardedCall> call;
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    call = call_;
  }
  if (call != nullptr) call->Cancel();
}

void CallHolder::Read() {
  std::shared_ptr<client::ForwardedCall> call;
  {
    absl::MutexLock lock(&mutex_);
    call = call_;
    if (call == nullptr) reads_ = true;
  }
  if (call != nullptr) call->Read();
}

void Refuse(http::Exchange& exchange, int http_status, const Error& error, http::Headers headers) {
  http::Response response{.status = http_status, .headers = std::move(headers), .body = ToJson(error)};
  response.headers.Add("content-type", "application/json");
  response.headers.Add("cache-control", "no-store");
  if (const std::optional<int64_t> seconds = RetryAfterSeconds(error)) {
    response.headers.Add("retry-after", absl::StrCat(*seconds));
  }
  if (http_status == 401) response.headers.Add("www-authenticate", "Bearer");
  exchange.Answer(std::move(response));
}

}  // namespace throughline::edge::connect
