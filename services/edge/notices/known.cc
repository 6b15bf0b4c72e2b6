#include "services/edge/notices/known.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "services/edge/notices/words.h"

namespace throughline::edge::notices {

using outage::v1::NoticeView;

const NoticeView* Known::Find(const std::string& notice_id) const {
  for (const auto* list : {&page.active(), &page.over()}) {
    for (const NoticeView& notice : *list) {
      if (notice.notice_id() == notice_id) return &notice;
    }
  }
  return nullptr;
}

std::string Known::NameOf(const std::string& component_id) const {
  for (const auto& component : page.components()) {
    if (component.component_id() == component_id) return component.name();
  }
  return component_id;
}

absl::Time LastChangeOf(const NoticeView& notice) {
  absl::Time last = TimeOf(notice.published_at());
  if (!notice.updates().empty()) last = std::max(last, TimeOf(notice.updates().rbegin()->at()));
  if (!notice.corrections().empty()) last = std::max(last, TimeOf(notice.corrections().rbegin()->at()));
  if (notice.has_postmortem()) last = std::max(last, TimeOf(notice.postmortem().at()));
  return last;
}

absl::Time Known::LastChange() const {
  absl::Time last = absl::UnixEpoch();
  for (const auto* list : {&page.active(), &page.over()}) {
    for (const NoticeView& notice : *list) last = std::max(last, LastChangeOf(notice));
  }
  return last;
}

bool IsOverdue(const NoticeView& notice, absl::Time now) {
  if (notice.status() != outage::v1::NOTICE_STATUS_ACTIVE) return false;
  return notice.overdue() || (notice.has_next_update_due() && TimeOf(notice.next_update_due()) < now);
}

std::string StateOf(const Known& known) {
  std::string text = known.page.digest();
  for (const NoticeView& notice : known.page.active()) {
    absl::StrAppend(&text, IsOverdue(notice, known.at) ? "o" : "-",
                    notice.has_expected_end() && TimeOf(notice.expected_end()) < known.at ? "e" : "-");
  }
  if (known.stale_since.has_value()) {
    absl::StrAppend(&text, "stale ", absl::ToInt64Minutes(known.at - *known.stale_since));
  }
  return absl::BytesToHexString(crypto::Sha256(text).substr(0, 8));
}

}  // namespace throughline::edge::notices
