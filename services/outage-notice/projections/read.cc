#include "services/outage-notice/projections/read.h"

#include <limits>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/digest.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

constexpr int kNoticesOfACheck = 50;
constexpr int kLooksPerPage = 10'000;  // rows that a filter may pass over before the page ends early
constexpr int kLooksAtOnce = 128;

bool StopsIt(const v1::NoticeView& notice, absl::Time now) {
  return notice.kind() != v1::NOTICE_KIND_CHANGE && runtime::FromProto(notice.since()) <= now;
}

bool Matches(const v1::NoticeView& notice, const v1::ListNoticesRequest& request) {
  if (notice.notice_id().empty()) return false;
  if (request.status() != v1::NOTICE_STATUS_UNSPECIFIED && request.status() != notice.status()) return false;
  if (request.kind() != v1::NOTICE_KIND_UNSPECIFIED && request.kind() != notice.kind()) return false;
  if (request.overdue() && !notice.overdue()) return false;
  return request.component_id().empty() || absl::c_linear_search(notice.component_ids(), request.component_id());
}

// 8 bytes in hex that stand for the filters, so that a page token serves for its own question only.
std::string Question(v1::ListNoticesRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_consistency_token();
  return absl::BytesToHexString(runtime::Sha256(request.SerializeAsString()).substr(0, 8));
}

absl::Status NotThisQuestion() {
  return runtime::BadField("page_token", "is from another question: leave it out to begin anew");
}

absl::StatusOr<std::string> ReadPageToken(const std::string& question, const std::string& token) {
  if (token.empty()) return std::string();
  const bool hex = token.size() % 2 == 0 && absl::c_all_of(token, [](char c) { return absl::ascii_isxdigit(c); });
  if (!hex || token.size() <= question.size() || token.substr(0, question.size()) != question) return NotThisQuestion();
  return absl::HexStringToBytes(token.substr(question.size()));
}

}  // namespace

absl::StatusOr<v1::CheckComponentResponse> CheckComponent(const store::KeyValue& reader,
                                                          const std::string& component_id, absl::Time now) {
  auto component = kComponents.Get(reader, component_id);
  if (!component) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "COMPONENT_UNKNOWN",
                           absl::StrCat("component ", component_id, " is not defined: check the id, or define it"));
  }
  v1::CheckComponentResponse response;
  *response.mutable_component() = *std::move(component);
  response.set_works(true);
  for (v1::NoticeView& notice : ActiveNotices(reader, {component_id})) {
    if (StopsIt(notice, now)) response.set_works(false);
    if (response.notices_size() < kNoticesOfACheck) *response.add_notices() = std::move(notice);
  }
  return response;
}

absl::StatusOr<v1::ListNoticesResponse> ListNotices(const store::KeyValue& reader,
                                                    const v1::ListNoticesRequest& request) {
  const std::string question = Question(request);
  absl::StatusOr<std::string> after = ReadPageToken(question, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListNoticesResponse response;
  const int size = request.page_size() > 0 ? request.page_size() : 100;
  const auto scan = [&](const auto& table, const auto&... prefix) -> absl::Status {
    const std::string begin = table.KeyOf(prefix...);
    if (!after->empty() && after->compare(0, begin.size(), begin) != 0) return NotThisQuestion();
    std::string cursor = *std::move(after);
    const auto end_page = [&] {
      response.set_next_page_token(absl::StrCat(question, absl::BytesToHexString(cursor)));
      return absl::OkStatus();
    };
    for (int looks = 0;; looks += kLooksAtOnce) {
      // The keys first: a visit must not read.
      std::vector<std::pair<std::string, std::string>> found;
      table.Scan(
          reader, cursor,
          [&](std::string_view raw, const auto& key, const auto&) {
            found.emplace_back(raw, std::get<std::tuple_size_v<std::decay_t<decltype(key)>> - 1>(key));
            return static_cast<int>(found.size()) < kLooksAtOnce;
          },
          prefix...);
      for (auto& [raw, id] : found) {
        cursor = std::move(raw);
        auto notice = kNotices.Get(reader, id);
        if (notice && Matches(*notice, request)) *response.add_notices() = *std::move(notice);
        if (response.notices_size() >= size) return end_page();
      }
      if (static_cast<int>(found.size()) < kLooksAtOnce) return absl::OkStatus();
      if (looks >= kLooksPerPage) return end_page();
    }
  };
  const bool active = request.status() == v1::NOTICE_STATUS_ACTIVE;
  const absl::Status status =
      !request.notice_id_prefix().empty() ? scan(kNotices, store::Beginning{request.notice_id_prefix()})
      : request.overdue()                 ? scan(kOverdue)
      : !request.component_id().empty()
          ? active ? scan(kActiveOf, request.component_id()) : scan(kByComponent, request.component_id())
      : active ? scan(kActive)
               : scan(kByTime);
  if (!status.ok()) return status;
  return response;
}

std::vector<std::string> UnknownOf(const store::KeyValue& reader,
                                   const google::protobuf::RepeatedPtrField<std::string>& component_ids) {
  std::vector<std::string> unknown;
  for (const std::string& id : component_ids) {
    if (!kComponents.Has(reader, id)) unknown.push_back(id);
  }
  return unknown;
}

std::set<std::string> NoticesChangedSince(const store::KeyValue& reader, const runtime::Seen& seen) {
  std::set<std::string> changed;
  for (std::optional<log::Partition> partition;;) {
    const std::string past = partition ? kByChange.KeyOf(static_cast<int64_t>(partition->topic), partition->index,
                                                         std::numeric_limits<int64_t>::max())
                                       : "";
    partition.reset();
    kByChange.Scan(reader, past, [&](std::string_view, const auto& key, const std::string&) {
      partition = {static_cast<log::Topic>(std::get<0>(key)), static_cast<int32_t>(std::get<1>(key))};
      return false;
    });
    if (!partition) return changed;
    const int64_t topic = static_cast<int64_t>(partition->topic), index = partition->index;
    kByChange.Scan(
        reader, kByChange.KeyOf(topic, index, seen.Next(*partition)),
        [&](std::string_view, const auto& key, const std::string&) { return changed.insert(std::get<3>(key)), true; },
        topic, index);
  }
}

std::vector<v1::NoticeView> ActiveNotices(const store::KeyValue& reader,
                                          const std::vector<std::string>& component_ids) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  const auto take = [&](const std::string& id) {
    if (seen.insert(id).second) ids.push_back(id);
    return true;
  };
  for (const std::string& component : component_ids) {
    kActiveOf.Scan(
        reader, "", [&](std::string_view, const auto& key, const std::string&) { return take(std::get<2>(key)); },
        component);
  }
  if (component_ids.empty()) {
    kActive.Scan(reader, "",
                 [&](std::string_view, const auto& key, const std::string&) { return take(std::get<1>(key)); });
  }
  std::vector<v1::NoticeView> notices;
  for (const std::string& id : ids) {
    auto notice = kNotices.Get(reader, id);
    if (notice && notice->status() == v1::NOTICE_STATUS_ACTIVE) notices.push_back(*std::move(notice));
  }
  return notices;
}

}  // namespace throughline::outage
