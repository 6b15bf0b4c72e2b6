#include "services/outage-notice/projections/status_page.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"

#include "libs/crypto/sha256.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

constexpr size_t kMostBytes = 2 << 20;  // of the notices; a gRPC message has at most 4 MiB
constexpr int kOver = 100, kMostOver = 1000;

v1::ComponentView ForThePublic(v1::ComponentView component) {
  component.clear_owner();
  component.clear_keywords();
  return component;
}

}  // namespace

v1::NoticeView ForThePublic(v1::NoticeView notice) {
  notice.clear_owner();
  notice.clear_published_by();
  notice.clear_keywords();
  notice.clear_linked_case_count();
  notice.clear_linked_customer_count();
  for (v1::NoticeUpdateView& update : *notice.mutable_updates()) update.clear_by();
  for (v1::NoticeCorrectionView& correction : *notice.mutable_corrections()) correction.clear_by();
  if (notice.has_postmortem()) {
    notice.mutable_postmortem()->clear_by();
    for (v1::FollowUpView& follow_up : *notice.mutable_postmortem()->mutable_follow_ups()) follow_up.clear_owed_by();
  }
  return notice;
}

absl::StatusOr<v1::GetStatusPageResponse> GetStatusPage(const store::KeyValue& reader,
                                                        const v1::GetStatusPageRequest& request) {
  v1::GetStatusPageResponse response;
  kComponents.Scan(reader, "", [&](std::string_view, const auto&, const v1::ComponentView& component) {
    *response.add_components() = ForThePublic(component);
    return true;
  });
  size_t bytes = 0;
  const auto fits = [&](const v1::NoticeView& notice) {
    bytes += notice.ByteSizeLong();
    return bytes <= kMostBytes;
  };
  std::vector<v1::NoticeView> active = ActiveNotices(reader, {});
  for (v1::NoticeView& notice : active) {
    v1::NoticeView shown = ForThePublic(std::move(notice));
    response.set_incomplete(!fits(shown));
    if (response.incomplete()) break;
    *response.add_active() = std::move(shown);
  }
  const int most = request.over_size() <= 0 ? kOver : std::min<int>(request.over_size(), kMostOver);
  // Those that are over are among the last, and so are the active ones.
  std::vector<std::string> last;
  const size_t enough = active.size() + static_cast<size_t>(most);
  kByTime.Scan(reader, "", [&](std::string_view, const auto& key, const std::string&) {
    last.push_back(std::get<1>(key));
    return last.size() < enough;
  });
  for (const std::string& id : last) {
    auto notice = kNotices.Get(reader, id);
    if (!notice || notice->status() != v1::NOTICE_STATUS_RESOLVED) continue;
    v1::NoticeView shown = ForThePublic(*std::move(notice));
    if (response.over_size() == most || !fits(shown)) break;
    *response.add_over() = std::move(shown);
  }
  response.set_digest(absl::BytesToHexString(crypto::Sha256(response.SerializeAsString()).substr(0, 16)));
  if (response.digest() != request.known_digest()) return response;
  v1::GetStatusPageResponse same;
  same.set_digest(response.digest());
  return same;
}

}  // namespace throughline::outage
