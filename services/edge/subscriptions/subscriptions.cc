#include "services/edge/subscriptions/subscriptions.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "libs/client/services.h"
#include "libs/crypto/sha256.h"
#include "services/edge/connect/codes.h"
#include "services/edge/pages/layout.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::edge::subscriptions {
namespace {

constexpr size_t kMostTokenBytes = 256;

bool IsToken(const std::string& text) {
  return !text.empty() && text.size() <= kMostTokenBytes && absl::c_all_of(text, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

template <typename Request>
client::Forwarded CallFor(const std::string& token) {
  Request request;
  request.set_token(token);
  // The same for the same token, so that a second click, and a mail program's repetition, change nothing.
  request.set_command_id(absl::StrCat("page-", absl::BytesToHexString(crypto::Sha256(token)).substr(0, 32)));
  return {.method = client::MethodFor(*request.GetDescriptor()), .request = request.SerializeAsString()};
}

}  // namespace

struct SubscriptionPages::Kind {
  const char* path;
  const char* question;
  const char* button;
  const char* done;
  const char* done_text;
  client::Forwarded (*call)(const std::string& token);
};

bool SubscriptionPages::Handle(const std::shared_ptr<http::Exchange>& exchange) {
  static constexpr Kind kKinds[] = {
      {"/subscriptions/confirm", "Do you want to be told of our notices?", "Yes, tell me", "You will be told",
       "Each message has a link with which you can leave.", &CallFor<outage::v1::ConfirmSubscriptionRequest>},
      {"/subscriptions/leave", "Do you want to hear no more of our notices?", "Yes, leave", "You have left",
       "You will not hear of our notices any more.", &CallFor<outage::v1::LeaveRequest>}};
  const http::Request& request = exchange->request();
  if (!absl::StartsWith(request.path, kPrefix)) return false;
  exchange->SetRoute(kRoute);
  const auto* kind = absl::c_find_if(kKinds, [&](const Kind& one) { return request.path == one.path; });
  std::string token;
  if (const auto query = http::ParseQuery(request.query)) {
    for (const auto& [name, value] : *query) {
      if (name == "token") token = value;
    }
  }
  if (kind == std::end(kKinds) || !IsToken(token)) {
    Say(*exchange, 404, "There is no such page", "Open the link in our message, as it stands there.");
  } else if (request.method == "GET" || request.method == "HEAD") {
    Ask(*exchange, *kind, token);
  } else if (request.method == "POST") {
    Take(exchange, *kind, token);
  } else {
    http::Response refusal = pages::Message({.site = options_.site}, 405, "That is not possible here", "");
    refusal.headers.Add("allow", "GET, HEAD, POST");
    exchange->Answer(std::move(refusal));
  }
  return true;
}

void SubscriptionPages::Ask(http::Exchange& exchange, const Kind& kind, const std::string& token) const {
  http::Response response;
  response.headers.Add("content-type", pages::kHtml);
  response.headers.Add("cache-control", "no-store");
  pages::AddSecurity(response.headers, {.has_forms = true});
  pages::Values values;
  values.Set("QUESTION", kind.question).Set("BUTTON", kind.button);
  values.Set("PATH", absl::StrCat(kind.path, "?token=", token));
  response.body = pages::Page({.site = options_.site}, "subscription.html", std::move(values));
  exchange.Answer(std::move(response));
}

void SubscriptionPages::Take(const std::shared_ptr<http::Exchange>& exchange, const Kind& kind,
                             const std::string& token) {
  client::Forwarded call = kind.call(token);
  call.metadata = {{"authorization", credential_.Bearer()}};
  call.deadline = absl::Now() + options_.deadline;
  call.repeatable = true;
  forwarder_.Call(std::move(call), [self = shared_from_this(), exchange, &kind](const client::Reply& reply) {
    if (reply.code == connect::kOk) return self->Say(*exchange, 200, kind.done, kind.done_text);
    if (reply.code == connect::kNotFound || reply.code == connect::kInvalidArgument ||
        reply.code == connect::kFailedPrecondition) {
      return self->Say(*exchange, 410, "This link is no longer good",
                       "It may be an old one. Subscribe again if you want to be told.");
    }
    self->Say(*exchange, 503, "Just a moment", "We could not record that. Please try again in a minute.");
  });
}

void SubscriptionPages::Say(http::Exchange& exchange, int status, const char* heading, const char* text) const {
  http::Response response = pages::Message({.site = options_.site}, status, heading, text);
  if (status == 503) response.headers.Add("retry-after", "60");
  exchange.Answer(std::move(response));
}

}  // namespace throughline::edge::subscriptions
