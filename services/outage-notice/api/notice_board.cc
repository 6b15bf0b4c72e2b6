#include "services/outage-notice/api/notice_board.h"

#include "absl/container/flat_hash_set.h"

#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

// A notice's row changes only by its own stream and by links of cases.
bool IsSame(const v1::NoticeView& a, const v1::NoticeView& b) {
  return a.version() == b.version() && a.linked_case_count() == b.linked_case_count();
}

NoticeBoard::News Compare(const NoticeBoard::Notices& now, const NoticeBoard::Notices& before,
                          const std::vector<std::string>& components) {
  NoticeBoard::News news;
  for (NoticeBoard::NoticePtr& notice : now.About(components)) {
    const auto had = before.by_id.find(notice->notice_id());
    if (had == before.by_id.end() || had->second != notice) news.changed.push_back(std::move(notice));
  }
  for (NoticeBoard::NoticePtr& notice : before.About(components)) {
    if (!now.by_id.contains(notice->notice_id())) news.over.push_back(std::move(notice));
  }
  return news;
}

}  // namespace

std::vector<NoticeBoard::NoticePtr> NoticeBoard::Notices::About(const std::vector<std::string>& components) const {
  if (components.empty()) return all;
  std::vector<NoticePtr> about;
  absl::flat_hash_set<const v1::NoticeView*> taken;
  for (const std::string& component : components) {
    const auto found = by_component.find(component);
    if (found == by_component.end()) continue;
    for (const NoticePtr& notice : found->second) {
      if (taken.insert(notice.get()).second) about.push_back(notice);
    }
  }
  return about;
}

NoticeBoard::News NoticeBoard::Notices::Since(const Notices& before, const std::vector<std::string>& components) const {
  if (before.change == change) return {};
  return components.empty() && before.change == follows ? news : Compare(*this, before, components);
}

NoticeBoard::Present NoticeBoard::Now() {
  absl::MutexLock lock(&mutex_);
  auto rows = streams_.View();  // under the lock, so that it is not older than last_
  const int64_t change = runtime::Counted(*rows, kNoticeChanges);
  if (last_->change == change) return {last_, std::move(rows)};
  auto now = std::make_shared<Notices>();
  now->change = change;
  now->seen = streams_.SeenBy(*rows);
  for (v1::NoticeView& view : ActiveNotices(*rows, {})) {
    const auto before = last_->by_id.find(view.notice_id());
    const NoticePtr notice = before != last_->by_id.end() && IsSame(*before->second, view)
                                 ? before->second
                                 : std::make_shared<const v1::NoticeView>(std::move(view));
    now->all.push_back(notice);
    now->by_id.emplace(notice->notice_id(), notice);
    for (const std::string& component : notice->component_ids()) now->by_component[component].push_back(notice);
  }
  now->follows = last_->change;
  now->news = Compare(*now, *last_, {});
  last_ = std::move(now);
  return {last_, std::move(rows)};
}

}  // namespace throughline::outage
