#include "services/edge/notices/feeds.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "services/edge/notices/article.h"
#include "services/edge/notices/words.h"
#include "services/edge/pages/templates.h"

namespace throughline::edge::notices {
namespace {

using outage::v1::NoticeView;
using pages::Values;

constexpr size_t kMostEntries = 50;

std::string ForAtom(absl::Time time) { return ForPrograms(time); }
// RFC 822, with four digits of the year.
std::string ForRss(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone());
}

void AddSaid(const char* part, absl::Time at, std::string_view stage, const std::string& text, Values& entry) {
  Values& said = entry.Add(part).Set("WHEN", ForPeople(at)).Set("STAGE", stage);
  for (const absl::string_view line : absl::StrSplit(text, '\n'))
    said.Add("LINE").Set("LINE", {line.data(), line.size()});
}

// As HTML.
std::string ContentOf(const Known& known, const NoticeView& notice) {
  Values entry;
  const auto fact = [&](const char* name, const std::string& value) {
    if (!value.empty()) entry.Add("FACT").Set("NAME", name).Set("VALUE", value);
  };
  const bool active = notice.status() == outage::v1::NOTICE_STATUS_ACTIVE;
  std::string affected;
  for (const std::string& id : notice.component_ids()) {
    absl::StrAppend(&affected, affected.empty() ? "" : ", ", known.NameOf(id));
  }
  fact("Affected", affected);
  if (IsToCome(notice)) fact("From", ForPeople(TimeOf(notice.since())));
  if (active && notice.kind() != outage::v1::NOTICE_KIND_CHANGE) {
    fact("Expected end", notice.has_expected_end() ? ForPeople(TimeOf(notice.expected_end())) : "unknown");
  }
  if (active) fact("Until then", notice.workaround());
  fact("Why", notice.reason());
  for (const std::string& option : notice.customer_options()) fact("What you can do", option);
  if (notice.has_next_update_due()) {
    fact(IsOverdue(notice, known.at) ? "An update was due, and is overdue" : "You hear more by",
         ForPeople(TimeOf(notice.next_update_due())));
  }
  fact("Cause", notice.cause());
  fact("What we changed", notice.changed());
  if (notice.has_postmortem()) {
    AddSaid("UPDATE", TimeOf(notice.postmortem().at()), "What we learned", notice.postmortem().text(), entry);
  }
  for (auto update = notice.updates().rbegin(); update != notice.updates().rend(); ++update) {
    AddSaid("UPDATE", TimeOf(update->at()), StageForPeople(update->stage()), update->text(), entry);
  }
  AddSaid("UPDATE", TimeOf(notice.published_at()), StageForPeople(notice.published_stage()), notice.description(),
          entry);
  for (const auto& correction : notice.corrections()) {
    AddSaid("CORRECTION", TimeOf(correction.at()), "", correction.reason(), entry);
  }
  return pages::Render("feed_entry.html", entry);
}

std::string Feed(const Site& site, const std::string& component, const char* file, const char* path,
                 std::string (*show)(absl::Time)) {
  const Known& known = site.known();
  const std::string& url = site.options().url;
  std::vector<const NoticeView*> notices;
  for (const auto* list : {&known.page.active(), &known.page.over()}) {
    for (const NoticeView& notice : *list) {
      const auto& ids = notice.component_ids();
      if (component.empty() || std::find(ids.begin(), ids.end(), component) != ids.end()) notices.push_back(&notice);
    }
  }
  std::stable_sort(notices.begin(), notices.end(),
                   [](const auto* a, const auto* b) { return LastChangeOf(*a) > LastChangeOf(*b); });
  if (notices.size() > kMostEntries) notices.resize(kMostEntries);
  const std::string about = component.empty() ? "" : absl::StrCat("?component=", component);
  Values feed;
  feed.Set("ID", absl::StrCat(url, path, about)).Set("SELF", absl::StrCat(url, path, about));
  feed.Set("TITLE", component.empty() ? site.options().title
                                      : absl::StrCat(site.options().title, ": ", known.NameOf(component)));
  feed.Set("SITE", site.options().title).Set("PAGE", absl::StrCat(url, "/notices"));
  feed.Set("UPDATED", show(notices.empty() ? absl::UnixEpoch() : LastChangeOf(*notices.front())));
  for (const NoticeView* notice : notices) {
    Values& entry = feed.Add("ENTRY").Set("ENTRY_ID", absl::StrCat("urn:throughline:notice:", notice->notice_id()));
    entry.Set("ENTRY_TITLE", absl::StrCat(std::string(KindForPeople(notice->kind())), ", ",
                                          std::string(StageForPeople(notice->stage())), ": ", notice->title()));
    entry.Set("LINK", absl::StrCat(url, PathOf(*notice))).Set("KIND", KindForPeople(notice->kind()));
    entry.Set("PUBLISHED", show(TimeOf(notice->published_at()))).Set("ENTRY_UPDATED", show(LastChangeOf(*notice)));
    for (const std::string& id : notice->component_ids()) {
      entry.Add("COMPONENT").Set("COMPONENT_ID", id).Set("COMPONENT_NAME", known.NameOf(id));
    }
    entry.Set("CONTENT", ContentOf(known, *notice));
  }
  return pages::Render(file, feed);
}

}  // namespace

std::string Atom(const Site& site, const std::string& component) {
  return Feed(site, component, "feed.atom", "/history.atom", &ForAtom);
}

std::string Rss(const Site& site, const std::string& component) {
  return Feed(site, component, "feed.rss", "/history.rss", &ForRss);
}

}  // namespace throughline::edge::notices
