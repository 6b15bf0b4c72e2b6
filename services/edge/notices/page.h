#pragma once

// The pages, the widget and the badge, as HTML and SVG. Pure; any thread.

#include <string>

#include "services/edge/notices/site.h"
#include "services/edge/pages/layout.h"

namespace throughline::edge::notices {

// The markup of the page stays below this, however much there is to say: texts are shortened, then only titles stand
// there, with links. With style and script it stays below 50 kB.
inline constexpr size_t kMostPageBytes = 36'000;

// What holds now, what is planned, and how the components are.
std::string NoticesPage(const Site& site);
std::string NoticePage(const Site& site, const outage::v1::NoticeView& notice);
// What is over, by month; `number` from 1.
std::string HistoryPage(const Site& site, int number);
int HistoryPages(const Site& site);
std::string Widget(const Site& site);
std::string Badge(const Site& site);

// The frame of these pages. `path`: of the page.
pages::Frame FrameOf(const SiteOptions& options, std::string title, const std::string& path);

}  // namespace throughline::edge::notices
