#include "services/edge/pages/layout.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "services/edge/pages/assets.h"
#include "services/edge/pages/templates.h"

namespace throughline::edge::pages {

std::string Page(const Frame& frame, std::string_view content_template, Values content) {
  Values page;
  page.Set("SITE", frame.site);
  page.Set("TITLE", frame.title.empty() ? frame.site : absl::StrCat(frame.title, " – ", frame.site));
  page.Set("STYLE", AssetUrl("page.css")).Set("ICON", AssetUrl("icon.svg"));
  if (!frame.script.empty()) page.Add("SCRIPT").Set("SOURCE", AssetUrl(frame.script));
  if (!frame.indexed) page.Add("NOT_INDEXED");
  for (const Link& feed : frame.feeds) page.Add("FEED").Set("PATH", feed.path).Set("NAME", feed.name);
  if (!frame.links.empty()) {
    Values& navigation = page.Add("NAVIGATION");
    for (const Link& link : frame.links) {
      Values& item = navigation.Add("LINK").Set("PATH", link.path).Set("NAME", link.name);
      if (link.here) item.Add("HERE");
    }
  }
  page.SetIfAny("FOOTER", frame.footer);
  page.Include("CONTENT", content_template) = std::move(content);
  return Render("layout.html", page);
}

http::Response Message(const Frame& frame, int status, std::string_view heading, std::string_view text) {
  http::Response response{.status = status};
  response.headers.Add("content-type", kHtml);
  response.headers.Add("cache-control", "no-store");
  AddSecurity(response.headers, {});
  Values values;
  values.Set("HEADING", heading).Set("TEXT", text);
  response.body = Page(frame, "message.html", std::move(values));
  return response;
}

}  // namespace throughline::edge::pages
