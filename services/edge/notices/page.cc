#include "services/edge/notices/page.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "services/edge/notices/article.h"
#include "services/edge/notices/words.h"
#include "services/edge/pages/assets.h"
#include "services/edge/pages/templates.h"

namespace throughline::edge::notices {
namespace {

using outage::v1::NoticeView;
using pages::Values;

// From all to little: the first with which the page is small enough.
struct Level {
  Detail detail;
  int notices;          // with their texts; the titles of the others
  int titles;           // of these
  bool all_components;  // or only those that do not work
};
constexpr Level kLevels[] = {
    {{16 << 10, 3, true}, 20, 100, true}, {{2000, 1, true}, 20, 100, true}, {{600, 0, false}, 20, 100, true},
    {{300, 0, false}, 15, 60, false},     {{150, 0, false}, 8, 40, false},  {{100, 0, false}, 0, 40, false},
};
constexpr int kHistoryPage = 25;
constexpr size_t kHistoryText = 400;

void FillStale(const Site& site, Values& values) {
  const Known& known = site.known();
  values.Set("STATE", site.state());
  if (!known.stale_since.has_value()) return;
  Values& stale = values.Add("STALE");
  SetTime(stale, "TIME", *known.stale_since);
  stale.Set("AGE", ForPeople(known.at - *known.stale_since));
}

// What is worst stands first.
void SortByKind(std::vector<const NoticeView*>& notices) {
  std::stable_sort(notices.begin(), notices.end(), [](const auto* a, const auto* b) { return a->kind() < b->kind(); });
}

void FillItem(const NoticeView& notice, Values& item) {
  item.Set("TONE", ToneOf(notice))
      .Set("KIND", KindForPeople(notice.kind()))
      .Set("STAGE", StageForPeople(notice.stage()));
  item.Set("PATH", PathOf(notice)).Set("TITLE", Shortened(notice.title(), 120));
}

void FillItems(const std::vector<const NoticeView*>& notices, size_t most, Values& list) {
  for (size_t i = 0; i < std::min(most, notices.size()); ++i) FillItem(*notices[i], list.Add("ITEM"));
  if (notices.size() > most) list.Add("AND_MORE").Set("COUNT", absl::StrCat(notices.size() - most));
}

void FillComponents(const Site& site, const Level& level, Values& values) {
  const auto& components = site.known().page.components();
  if (components.empty()) return;
  std::map<std::string, std::vector<const outage::v1::ComponentView*>> groups;
  int hidden = 0;
  for (const auto& component : components) {
    const bool works = site.components().at(component.component_id()) == ComponentStatus::kOperational;
    if (works && !level.all_components) {
      ++hidden;
    } else {
      groups[component.group()].push_back(&component);
    }
  }
  Values& section = values.Add("COMPONENTS");
  const auto fill = [&](const std::string& name, std::vector<const outage::v1::ComponentView*>& members) {
    Values& group = section.Add("GROUP");
    group.SetIfAny("GROUP_NAME", name);
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->name() < b->name(); });
    const size_t most = level.all_components ? members.size() : std::min<size_t>(members.size(), 40);
    hidden += static_cast<int>(members.size() - most);
    for (size_t i = 0; i < most; ++i) {
      const ComponentStatus status = site.components().at(members[i]->component_id());
      Values& item = group.Add("COMPONENT").Set("NAME", Shortened(members[i]->name(), 120));
      if (level.all_components) item.SetIfAny("ABOUT", Shortened(members[i]->description(), level.detail.text_bytes));
      item.Set("STATUS", StatusForPeople(status)).Set("TONE", ToneOf(status));
    }
  };
  for (auto& [name, members] : groups) {
    if (!name.empty()) fill(name, members);
  }
  // Those of no group.
  if (const auto others = groups.find(""); others != groups.end())
    fill(groups.size() > 1 ? "Others" : "", others->second);
  if (hidden > 0) section.Add("OTHERS").Set("COUNT", absl::StrCat(hidden));
}

Values NoticesContent(const Site& site, const Level& level) {
  const Known& known = site.known();
  Values values;
  FillStale(site, values);
  values.Set("ALL", AllForPeople(site.all())).Set("TONE", ToneOf(site.all()));
  std::vector<const NoticeView*> now, coming, further;
  for (const NoticeView& notice : known.page.active()) (IsToCome(notice) ? coming : now).push_back(&notice);
  SortByKind(now);
  // Of what is to come the next stands first.
  std::stable_sort(coming.begin(), coming.end(),
                   [](const auto* a, const auto* b) { return TimeOf(a->since()) < TimeOf(b->since()); });
  int left = level.notices;
  const auto show = [&](const char* section, const std::vector<const NoticeView*>& notices) {
    Values* into = nullptr;
    for (const NoticeView* notice : notices) {
      if (left <= 0) {
        further.push_back(notice);
        continue;
      }
      --left;
      if (into == nullptr) into = &values.Add(section);
      FillArticle(known, *notice, level.detail, into->Add("NOTICE").Include("ARTICLE", "notice.html"));
    }
  };
  show("NOW", now);
  show("COMING", coming);
  if (!further.empty()) FillItems(further, static_cast<size_t>(level.titles), values.Add("FURTHER"));
  if (known.page.incomplete()) values.Add("INCOMPLETE");
  FillComponents(site, level, values);
  if (const absl::Time last = known.LastChange(); last > absl::UnixEpoch()) {
    SetTime(values.Add("LAST_CHANGE"), "TIME", last);
  }
  return values;
}

}  // namespace

pages::Frame FrameOf(const SiteOptions& options, std::string title, const std::string& path) {
  return {.site = options.title,
          .title = std::move(title),
          .links = {{"/notices", "Now", path == "/notices"},
                    {"/history", "History", path == "/history"},
                    {"/history.atom", "Feed"}},
          .feeds = {{"/history.atom", options.title}},
          .script = "notices.js",
          .footer = "Times are in your own time zone if your browser runs scripts, else in UTC.",
          .indexed = true};
}

std::string NoticesPage(const Site& site) {
  const pages::Frame frame = FrameOf(site.options(), "", "/notices");
  std::string html;
  for (const Level& level : kLevels) {
    html = pages::Page(frame, "notices.html", NoticesContent(site, level));
    if (html.size() <= kMostPageBytes) break;
  }
  return html;
}

std::string NoticePage(const Site& site, const NoticeView& notice) {
  Values values;
  FillStale(site, values);
  FillArticle(site.known(), notice, {.alone = true}, values.Include("ARTICLE", "notice.html"));
  return pages::Page(FrameOf(site.options(), notice.title(), PathOf(notice)), "notice_page.html", std::move(values));
}

int HistoryPages(const Site& site) {
  return std::max(1, (site.known().page.over_size() + kHistoryPage - 1) / kHistoryPage);
}

std::string HistoryPage(const Site& site, int number) {
  const auto& over = site.known().page.over();
  Values values;
  FillStale(site, values);
  if (over.empty()) values.Add("NONE");
  std::string last_month;
  Values* month = nullptr;
  for (int i = (number - 1) * kHistoryPage; i < std::min(number * kHistoryPage, over.size()); ++i) {
    const NoticeView& notice = over[i];
    const std::string name = absl::FormatTime("%B %Y", TimeOf(notice.published_at()), absl::UTCTimeZone());
    if (month == nullptr || name != last_month) month = &values.Add("MONTH").Set("MONTH_NAME", name);
    last_month = name;
    Values& item = month->Add("NOTICE").Set("TEXT", Shortened(notice.current_text(), kHistoryText));
    FillItem(notice, item);
    SetTime(item, "SINCE", TimeOf(notice.since()));
    if (notice.has_resolved_at() && TimeOf(notice.resolved_at()) > TimeOf(notice.since())) {
      Values& took = item.Add("TOOK");
      SetTime(took, "OVER", TimeOf(notice.resolved_at()));
      took.Set("LASTED", ForPeople(TimeOf(notice.resolved_at()) - TimeOf(notice.since())));
    }
    if (notice.has_postmortem()) item.Add("HAS_POSTMORTEM");
  }
  const auto path = [](int page) { return page == 1 ? std::string("/history") : absl::StrCat("/history/", page); };
  if (HistoryPages(site) > 1) {
    Values& others = values.Add("PAGES");
    if (number > 1) others.Add("NEWER").Set("PATH", path(number - 1));
    if (number < HistoryPages(site)) others.Add("OLDER").Set("PATH", path(number + 1));
  }
  return pages::Page(FrameOf(site.options(), "History", path(number)), "history.html", std::move(values));
}

std::string Widget(const Site& site) {
  Values values;
  FillStale(site, values);
  values.Set("SITE", site.options().title)
      .Set("STYLE", pages::AssetUrl("page.css"))
      .Set("ICON", pages::AssetUrl("icon.svg"));
  values.Set("SCRIPT", pages::AssetUrl("notices.js"));
  values.Set("ALL", AllForPeople(site.all())).Set("TONE", ToneOf(site.all()));
  std::vector<const NoticeView*> now;
  for (const NoticeView& notice : site.known().page.active()) {
    if (!IsToCome(notice)) now.push_back(&notice);
  }
  SortByKind(now);
  constexpr size_t kShown = 3;
  if (!now.empty()) {
    Values& list = values.Add("LIST");
    FillItems(now, kShown, list);
  }
  return pages::Render("widget.html", values);
}

std::string Badge(const Site& site) {
  // Of Verdana at 11 pixels, about.
  const auto width = [](std::string_view text) { return static_cast<int>(text.size()) * 66 / 10; };
  const std::string label = "status", status(AllForPeople(site.all()));
  const int left = width(label) + 12, right = width(status) + 12;
  const std::string_view tone = ToneOf(site.all());
  Values values;
  values.Set("LABEL", label).Set("STATUS", status);
  values.Set("WIDTH", absl::StrCat(left + right)).Set("LEFT", absl::StrCat(left));
  values.Set("RIGHT_FLAT", absl::StrCat(right - 3)).Set("STATUS_X", absl::StrCat(left + 6));
  values.Set("LABEL_LENGTH", absl::StrCat(width(label))).Set("STATUS_LENGTH", absl::StrCat(width(status)));
  values.Set("COLOUR", tone == "good" ? "#1a6b37" : tone == "warn" ? "#7a4b00" : tone == "bad" ? "#9d1c1c" : "#1d4f91");
  return pages::Render("badge.svg", values);
}

}  // namespace throughline::edge::notices
