#pragma once

// The frame that all pages for people have: head, header with the site's name, content, footer.
//
//   std::string html = Page({.site = "Acme status", .title = "No paying"}, "notice.html", values);
//   exchange->Answer(Message(site, 404, "There is no such page", "The notice may be older than a year."));
//
// Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "services/edge/http/message.h"
#include "services/edge/pages/security.h"
#include "services/edge/pages/values.h"

namespace throughline::edge::pages {

struct Link {
  std::string path, name;
  bool here = false;  // the page that has it
};

struct Frame {
  std::string site;              // whose pages they are
  std::string title;             // of the page; empty: as `site`
  std::vector<Link> links = {};  // to its other pages
  std::vector<Link> feeds = {};  // Atom
  std::string script = {};       // one of the assets (assets.h); empty: none
  std::string footer = {};       // one line
  bool indexed = false;          // search engines may list it
};

// The page, with `content_template` as its content.
std::string Page(const Frame& frame, std::string_view content_template, Values content);

inline constexpr char kHtml[] = "text/html; charset=utf-8";

// A page that says one thing, as an answer that nobody keeps.
http::Response Message(const Frame& frame, int status, std::string_view heading, std::string_view text);

}  // namespace throughline::edge::pages
