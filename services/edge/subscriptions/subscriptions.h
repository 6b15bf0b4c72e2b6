#pragma once

// Where the links in messages to subscribers lead: /subscriptions/confirm?token=… and /subscriptions/leave?token=….
// Opening one shows a button, since programs that look through mail open links, too; the button sends the same address
// by POST. So does a mail program with one-click leaving (RFC 8058), which shows nothing.
//
//   auto subscriptions = std::make_shared<SubscriptionPages>(forwarder, credential, options);
//   if (subscriptions->Handle(exchange)) return;
//
// The token is all that counts; outage-notice judges it. No cookies, and nothing needs a script.
//
// Any thread. The forwarder and the credential outlive it and its calls.

#include <memory>
#include <string>

#include "absl/time/time.h"

#include "libs/client/forward.h"
#include "services/edge/credential.h"
#include "services/edge/http/exchange.h"

namespace throughline::edge::subscriptions {

struct Options {
  std::string site = "Status";                 // whose notices they are
  absl::Duration deadline = absl::Seconds(5);  // for what a page needs
};

class SubscriptionPages : public std::enable_shared_from_this<SubscriptionPages> {
 public:
  static constexpr char kRoute[] = "subscription_page";  // a label of the metrics
  static constexpr char kPrefix[] = "/subscriptions/";   // of the paths
  static constexpr size_t kBodyBytes = 16 << 10;         // of a form, which says nothing more

  SubscriptionPages(const client::Forwarder& forwarder, const Credential& credential, Options options)
      : forwarder_(forwarder), credential_(credential), options_(std::move(options)) {}

  // False: the path is none of these.
  bool Handle(const std::shared_ptr<http::Exchange>& exchange);

 private:
  struct Kind;  // what a path is for

  void Ask(http::Exchange& exchange, const Kind& kind, const std::string& token) const;
  void Take(const std::shared_ptr<http::Exchange>& exchange, const Kind& kind, const std::string& token);
  void Say(http::Exchange& exchange, int status, const char* heading, const char* text) const;

  const client::Forwarder& forwarder_;
  const Credential& credential_;
  const Options options_;
};

}  // namespace throughline::edge::subscriptions
