#include "services/edge/http/cors.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace throughline::edge::http {
namespace {

// Of what the edge reads (connect/headers.h and Connect's own), what a page may not set without being allowed to.
constexpr char kRequestHeaders[] =
    "Authorization, Content-Type, Content-Encoding, Connect-Protocol-Version, Connect-Timeout-Ms, X-Correlation-Id, "
    "Traceparent";
constexpr char kResponseHeaders[] = "Retry-After, Content-Encoding";
constexpr char kPreflightSeconds[] = "7200";  // no browser keeps it longer than a day, Chromium two hours

// Adds to the answer what the browser wants to see.
class AdmittedExchange final : public Exchange {
 public:
  AdmittedExchange(std::shared_ptr<Exchange> inner, std::string origin)
      : inner_(std::move(inner)), origin_(std::move(origin)) {}

  const Request& request() const override { return inner_->request(); }
  void SetRoute(const char* route) override { inner_->SetRoute(route); }
  void Answer(Response response) override { inner_->Answer(Admitted(std::move(response))); }
  void Begin(Response head) override { inner_->Begin(Admitted(std::move(head))); }
  void Send(std::string part, std::function<void()> sent) override { inner_->Send(std::move(part), std::move(sent)); }
  void End(std::string last_part) override { inner_->End(std::move(last_part)); }
  void OnEnded(std::function<void(Ended)> ended) override { inner_->OnEnded(std::move(ended)); }

 private:
  Response Admitted(Response response) const {
    if (!origin_.empty()) {
      response.headers.Add("access-control-allow-origin", origin_);
      response.headers.Add("access-control-expose-headers", kResponseHeaders);
    }
    response.headers.Add("vary", "origin");
    return response;
  }

  const std::shared_ptr<Exchange> inner_;
  const std::string origin_;  // empty: it may not read the answer
};

}  // namespace

std::shared_ptr<Exchange> Cors::Admit(std::shared_ptr<Exchange> exchange) const {
  if (origins_.empty()) return exchange;
  const Request& request = exchange->request();
  const std::string* given = request.headers.Find("origin");
  const std::string origin = given != nullptr && origins_.contains(*given) ? *given : "";
  const bool preflight = request.method == "OPTIONS" && given != nullptr &&
                         request.headers.Find("access-control-request-method") != nullptr;
  auto admitted = std::make_shared<AdmittedExchange>(std::move(exchange), origin);
  if (!preflight) return admitted;
  admitted->SetRoute(kRoute);
  Response answer{.status = 204};
  if (!origin.empty()) {
    answer.headers.Add("access-control-allow-methods", "GET, POST");
    answer.headers.Add("access-control-allow-headers", kRequestHeaders);
    answer.headers.Add("access-control-max-age", kPreflightSeconds);
  }
  admitted->Answer(std::move(answer));
  return nullptr;
}

bool IsOrigin(const std::string& text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "https://") && !absl::ConsumePrefix(&rest, "http://")) return false;
  if (const size_t colon = rest.rfind(':'); colon != absl::string_view::npos && rest.back() != ']') {
    int port = 0;
    if (!absl::SimpleAtoi(rest.substr(colon + 1), &port) || port < 1 || port > 65535) return false;
    rest = rest.substr(0, colon);
  }
  return !rest.empty() && std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.' || c == '[' || c == ']' || c == ':';
  });
}

}  // namespace throughline::edge::http
