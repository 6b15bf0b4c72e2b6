#include "services/edge/notices/site.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "services/edge/http/message.h"
#include "services/edge/notices/feeds.h"
#include "services/edge/notices/page.h"
#include "services/edge/notices/statuspage.h"
#include "services/edge/pages/layout.h"

namespace throughline::edge::notices {
namespace {

constexpr char kJson[] = "application/json; charset=utf-8";

// The component that a feed is asked for; empty: all.
std::string ComponentIn(std::string_view query) {
  if (query.empty()) return "";
  const auto pairs = http::ParseQuery(query);
  if (!pairs.has_value()) return "";
  for (const auto& [name, value] : *pairs) {
    if (name == "component") return value;
  }
  return "";
}

bool IsFeed(std::string_view path) { return path == "/history.atom" || path == "/history.rss"; }

}  // namespace

Site::Site(Known known, const SiteOptions& options)
    : known_(std::move(known)),
      options_(options),
      state_(StateOf(known_)),
      components_(StatusOfComponents(known_.page)),
      all_(StatusOfAll(known_.page, components_)) {}

std::optional<Site::Found> Site::Find(std::string_view path, std::string_view query) const {
  const std::string component = IsFeed(path) ? ComponentIn(query) : "";
  if (!component.empty() && !components_.contains(component)) return std::nullopt;
  const std::string key = component.empty() ? std::string(path) : std::string(path) + "?" + component;
  absl::MutexLock lock(&mutex_);
  if (const auto found = made_.find(key); found != made_.end()) return found->second;
  std::optional<Found> made = Make(path, component);
  if (made.has_value()) made_.emplace(key, *made);
  return made;
}

std::optional<Site::Found> Site::Make(std::string_view path, const std::string& component) const {
  const auto document = [](const char* type, std::string body, Kind kind) {
    return Found{std::make_shared<const pages::Document>(type, std::move(body)), kind};
  };
  const auto page = [&](std::string html) { return document(pages::kHtml, std::move(html), Kind::kPage); };
  absl::string_view rest(path.data(), path.size());
  if (path == "/notices") return page(NoticesPage(*this));
  if (path == "/history") return page(HistoryPage(*this, 1));
  if (absl::ConsumePrefix(&rest, "/history/")) {
    int number = 0;
    // One address for one page.
    if (!absl::SimpleAtoi(rest, &number) || rest != absl::StrCat(number)) return std::nullopt;
    if (number < 2 || number > HistoryPages(*this)) return std::nullopt;
    return page(HistoryPage(*this, number));
  }
  if (absl::ConsumePrefix(&rest, "/notices/")) {
    const outage::v1::NoticeView* notice = known_.Find(std::string(rest));
    if (notice == nullptr) return std::nullopt;
    return page(NoticePage(*this, *notice));
  }
  if (path == "/widget") return document(pages::kHtml, Widget(*this), Kind::kWidget);
  if (path == "/badge.svg") return document("image/svg+xml", Badge(*this), Kind::kData);
  if (path == "/history.atom")
    return document("application/atom+xml; charset=utf-8", Atom(*this, component), Kind::kData);
  if (path == "/history.rss") return document("application/rss+xml; charset=utf-8", Rss(*this, component), Kind::kData);
  if (absl::ConsumePrefix(&rest, "/api/v2/")) {
    std::optional<std::string> json = Statuspage(*this, {rest.data(), rest.size()});
    if (json.has_value()) return document(kJson, *std::move(json), Kind::kData);
  }
  return std::nullopt;
}

}  // namespace throughline::edge::notices
