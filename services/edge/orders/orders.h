#pragma once

// The customer's page for an order: GET /orders/<order>/<secret of a link>. There they read where it is and what
// happens next, answer a proposed solution, and say that something is not here: POST /orders/<order>, with the link's
// secret in the form, so that no other page can send it. No cookies, and nothing needs a script.
//
//   auto orders = std::make_shared<OrderPages>(forwarder, credential, options);
//   if (orders->Handle(exchange)) return;
//
// The edge reads and records with its own credential, once supplier-tracking has found the secret good.
//
// Any thread. The forwarder and the credential outlive it and its calls.

#include <memory>
#include <string>

#include "absl/time/time.h"

#include "libs/client/forward.h"
#include "services/edge/credential.h"
#include "services/edge/http/exchange.h"

namespace throughline::edge::orders {

struct Options {
  std::string site = "Your orders";            // whose pages they are
  absl::Duration deadline = absl::Seconds(5);  // for what a page needs
};

class OrderPages : public std::enable_shared_from_this<OrderPages> {
 public:
  static constexpr char kRoute[] = "order_page";  // a label of the metrics
  static constexpr char kPrefix[] = "/orders/";   // of the paths
  static constexpr size_t kBodyBytes = 64 << 10;  // of a form

  OrderPages(const client::Forwarder& forwarder, const Credential& credential, Options options)
      : forwarder_(forwarder), credential_(credential), options_(std::move(options)) {}

  // False: the path is none of these.
  bool Handle(const std::shared_ptr<http::Exchange>& exchange);

 private:
  struct Visit;   // who reads which page
  struct Form;    // what they send
  class Reading;  // a page that is being put together

  void Show(const std::shared_ptr<Visit>& visit);
  void Take(const std::shared_ptr<Visit>& visit, const Form& form);
  // Reads the page; answers itself if that cannot be.
  template <typename Then>
  void Read(const std::shared_ptr<Visit>& visit, Then then);
  template <typename Request, typename Done>
  void Call(const Visit& visit, const char* method, const Request& request, bool repeatable, Done done);
  void Redirect(const Visit& visit, const std::string& said, const std::string& token) const;
  void Say(const Visit& visit, int status, const char* heading, const char* text) const;

  const client::Forwarder& forwarder_;
  const Credential& credential_;
  const Options options_;
};

}  // namespace throughline::edge::orders
