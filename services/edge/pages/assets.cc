#include "services/edge/pages/assets.h"

#include <cstdlib>
#include <map>

#include "absl/strings/str_cat.h"

#include "services/edge/embed.h"

THROUGHLINE_EMBED(asset_page_css, "page.css");
THROUGHLINE_EMBED(asset_icon_svg, "icon.svg");
THROUGHLINE_EMBED(asset_notices_js, "notices.js");
THROUGHLINE_EMBED(asset_widget_js, "widget.js");

namespace throughline::edge::pages {
namespace {

constexpr std::string_view kFolder = "/assets/";

const std::map<std::string, Document, std::less<>>& Assets() {
  static const auto& assets = *[] {
    auto* made = new std::map<std::string, Document, std::less<>>();
    const auto add = [made](const char* name, const char* type, std::string_view text) {
      made->try_emplace(name, type, std::string(text));
    };
    add("page.css", "text/css; charset=utf-8", THROUGHLINE_EMBEDDED(asset_page_css));
    add("icon.svg", "image/svg+xml", THROUGHLINE_EMBEDDED(asset_icon_svg));
    add("notices.js", "text/javascript; charset=utf-8", THROUGHLINE_EMBEDDED(asset_notices_js));
    add("widget.js", "text/javascript; charset=utf-8", THROUGHLINE_EMBEDDED(asset_widget_js));
    return made;
  }();
  return assets;
}

// Changes with the contents.
std::string VersionOf(const Document& asset) { return asset.etag().substr(1, 12); }

}  // namespace

std::string AssetUrl(std::string_view name) {
  const auto found = Assets().find(name);
  if (found == Assets().end()) std::abort();
  return absl::StrCat("/assets/", found->first, "?v=", VersionOf(found->second));
}

const Document* FindAsset(std::string_view name) {
  const auto found = Assets().find(name);
  return found == Assets().end() ? nullptr : &found->second;
}

bool HandleAsset(const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  std::string_view path = request.path;
  if (path.substr(0, kFolder.size()) != kFolder) return false;
  path.remove_prefix(kFolder.size());
  const auto found = Assets().find(path);
  if (found == Assets().end()) return false;
  exchange->SetRoute(kAssetRoute);
  if (!IsReading(*exchange)) return true;
  http::Headers headers;
  // Another version has another address.
  headers.Add("cache-control", request.query == "v=" + VersionOf(found->second) ? "public, max-age=31536000, immutable"
                                                                                : "public, max-age=300");
  headers.Add("cross-origin-resource-policy", "cross-origin");
  exchange->Answer(Respond(request, found->second, std::move(headers)));
  return true;
}

}  // namespace throughline::edge::pages
