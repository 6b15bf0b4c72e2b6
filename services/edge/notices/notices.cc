#include "services/edge/notices/notices.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "services/edge/notices/page.h"
#include "services/edge/pages/document.h"
#include "services/edge/pages/layout.h"
#include "services/edge/pages/security.h"

namespace throughline::edge::notices {
namespace {

constexpr char kEvents[] = "/notices/events";
constexpr char kRetrySeconds[] = "5";

bool Begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

bool IsData(std::string_view path) {
  return Begins(path, "/api/v2/") || path == "/badge.svg" || path == "/history.atom" || path == "/history.rss";
}

bool IsOurs(std::string_view path) {
  return path == "/" || path == "/notices" || Begins(path, "/notices/") || path == "/history" ||
         Begins(path, "/history/") || path == "/widget" || IsData(path);
}

}  // namespace

Notices::Notices(const client::Forwarder& forwarder, const Options& options, prometheus::Registry& registry)
    : options_(options), probe_(registry), watcher_(forwarder, options, probe_) {}

bool Notices::Handle(const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  if (!IsOurs(request.path)) return false;
  exchange->SetRoute(IsData(request.path) ? kDataRoute : request.path == kEvents ? kLiveRoute : kRoute);
  if (!pages::IsReading(*exchange)) return true;
  if (request.path == "/") {
    http::Response there{.status = 302};
    there.headers.Add("location", "/notices");
    exchange->Answer(std::move(there));
    return true;
  }
  const std::shared_ptr<const Site> site = watcher_.site();
  if (site == nullptr) {
    AnswerNothingKnown(*exchange);
  } else if (request.path == kEvents) {
    watcher_.live().Begin(exchange, site->state());
  } else {
    Answer(*exchange, *site);
  }
  return true;
}

void Notices::Answer(http::Exchange& exchange, const Site& site) const {
  const http::Request& request = exchange.request();
  const std::optional<Site::Found> found = site.Find(request.path, request.query);
  if (!found.has_value()) {
    return exchange.Answer(pages::Message(FrameOf(options_.site, "Not found", ""), 404, "There is no such page",
                                          "A notice that was over long ago is not shown any more."));
  }
  http::Headers headers;
  headers.Add("cache-control", "public, max-age=2");
  if (site.known().stale_since.has_value()) {
    headers.Add("age", absl::StrCat(absl::ToInt64Seconds(absl::Now() - *site.known().stale_since)));
  }
  switch (found->kind) {
    case Site::Kind::kPage:
      pages::AddSecurity(headers, {});
      break;
    case Site::Kind::kWidget:
      pages::AddSecurity(headers, {.framed_by_all = true});
      break;
    case Site::Kind::kData:
      headers.Add("access-control-allow-origin", "*");
      headers.Add("cross-origin-resource-policy", "cross-origin");
      headers.Add("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
      break;
  }
  exchange.Answer(pages::Respond(request, *found->document, std::move(headers)));
}

void Notices::AnswerNothingKnown(http::Exchange& exchange) const {
  http::Response response;
  if (IsData(exchange.request().path) || exchange.request().path == kEvents) {
    response = {.status = 503, .body = R"({"code":"unavailable","message":"the notices are not known yet"})"};
    response.headers.Add("content-type", "application/json");
    response.headers.Add("access-control-allow-origin", "*");
    response.headers.Add("cache-control", "no-store");
  } else {
    response = pages::Message(FrameOf(options_.site, "Not available", ""), 503, "We cannot show our notices right now",
                              "This page cannot reach the system behind it. Try again in a moment.");
  }
  response.headers.Add("retry-after", kRetrySeconds);
  exchange.Answer(std::move(response));
}

}  // namespace throughline::edge::notices
