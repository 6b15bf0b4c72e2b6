#include "services/outage-notice/projections/read.h"

#include <limits>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "services/outage-notice/matching/match.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

constexpr int kMaxNoticesOfACheck = 50;

bool Affects(const v1::NoticeView& notice, absl::Time now) {
  return notice.kind() != v1::NOTICE_KIND_CHANGE && runtime::FromProto(notice.since()) <= now;
}

// The components that this one depends on, directly or through others, the nearest first. The rules keep out circles,
// but two definitions at once could make one.
std::vector<std::string> DependenciesOf(const store::KeyValue& reader, const std::string& component_id) {
  constexpr size_t kMost = 200;
  std::vector<std::string> found{component_id};
  std::set<std::string> seen{component_id};
  for (size_t i = 0; i < found.size() && found.size() < kMost; ++i) {
    const auto component = kComponents.Get(reader, found[i]);
    if (!component) continue;
    for (const std::string& id : component->depends_on_component_ids()) {
      if (seen.insert(id).second) found.push_back(id);
    }
  }
  found.erase(found.begin());
  return found;
}

bool Matches(const v1::NoticeView& notice, const v1::ListNoticesRequest& request) {
  if (notice.notice_id().empty()) return false;
  if (request.status() != v1::NOTICE_STATUS_UNSPECIFIED && request.status() != notice.status()) return false;
  if (request.kind() != v1::NOTICE_KIND_UNSPECIFIED && request.kind() != notice.kind()) return false;
  if (request.overdue() && !notice.overdue()) return false;
  return request.component_id().empty() || absl::c_linear_search(notice.component_ids(), request.component_id());
}

}  // namespace

absl::StatusOr<v1::CheckComponentResponse> CheckComponent(const store::KeyValue& reader,
                                                          const v1::CheckComponentRequest& request, absl::Time now) {
  auto component = kComponents.Get(reader, request.component_id());
  if (!component) {
    return runtime::Refuse(
        absl::StatusCode::kNotFound, "COMPONENT_UNKNOWN",
        absl::StrCat("component ", request.component_id(), " is not defined: check the id, or define it"));
  }
  v1::CheckComponentResponse response;
  *response.mutable_component() = *std::move(component);
  if (auto suspicion = kSuspicions.Get(reader, request.component_id())) {
    *response.mutable_suspicion() = *std::move(suspicion);
  }
  const Asked asked{request.region(), request.channel(), request.product(), request.customer_group()};
  response.set_operational(true);
  for (v1::NoticeView& notice : ActiveNotices(reader, {request.component_id()})) {
    if (!Hits(notice.scope(), asked)) continue;
    if (Affects(notice, now)) response.set_operational(false);
    if (response.notices_size() < kMaxNoticesOfACheck) *response.add_notices() = std::move(notice);
  }
  for (const std::string& id : DependenciesOf(reader, request.component_id())) {
    for (v1::NoticeView& notice : ActiveNotices(reader, {id})) {
      if (!Hits(notice.scope(), asked) || !Affects(notice, now)) continue;
      response.set_degraded(response.operational());
      if (response.dependencies_size() == kMaxNoticesOfACheck) return response;
      v1::DependencyView& dependency = *response.add_dependencies();
      dependency.set_component_id(id);
      if (const auto on = kComponents.Get(reader, id)) dependency.set_name(on->name());
      *dependency.mutable_notice() = std::move(notice);
    }
  }
  return response;
}

absl::StatusOr<v1::ListNoticesResponse> ListNotices(const store::KeyValue& reader,
                                                    const v1::ListNoticesRequest& request) {
  const std::string question = service::Question(request);
  v1::ListNoticesResponse response;
  const auto list = [&](const auto& index, const auto&... prefix) -> absl::Status {
    absl::StatusOr<std::string> after = service::AfterPage(question, index.KeyOf(prefix...), request.page_token());
    if (!after.ok()) return after.status();
    response.set_next_page_token(service::FillPage(
        reader, index, *std::move(after), question,
        [&](const std::string& id) {
          if (response.notices_size() >= service::PageSize(request)) return false;
          auto notice = kNotices.Get(reader, id);
          if (notice && Matches(*notice, request)) *response.add_notices() = *std::move(notice);
          return true;
        },
        prefix...));
    return absl::OkStatus();
  };
  const bool active = request.status() == v1::NOTICE_STATUS_ACTIVE;
  const absl::Status status =
      !request.notice_id_prefix().empty() ? list(kNotices, store::Beginning{request.notice_id_prefix()})
      : request.overdue()                 ? list(kOverdue)
      : !request.component_id().empty()
          ? active ? list(kActiveOf, request.component_id()) : list(kByComponent, request.component_id())
      : active ? list(kActive)
               : list(kByTime);
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<v1::ListSuspicionsResponse> ListSuspicions(const store::KeyValue& reader,
                                                          const v1::ListSuspicionsRequest& request) {
  const std::string question = service::Question(request);
  absl::StatusOr<std::string> after = service::AfterPage(question, kSuspicions.KeyOf(), request.page_token());
  if (!after.ok()) return after.status();
  v1::ListSuspicionsResponse response;
  response.set_next_page_token(
      service::FillPage(reader, kSuspicions, *std::move(after), question, [&](const std::string& component_id) {
        if (response.suspicions_size() >= service::PageSize(request)) return false;
        if (auto suspicion = kSuspicions.Get(reader, component_id)) {
          *response.add_suspicions() = *std::move(suspicion);
        }
        return true;
      }));
  return response;
}

absl::StatusOr<v1::ListSubscribersResponse> ListSubscribers(const store::KeyValue& reader,
                                                            const v1::ListSubscribersRequest& request,
                                                            const std::string& lasting_key) {
  const std::string question = service::Question(request);
  v1::ListSubscribersResponse response;
  const auto take = [&](const std::string& id) {
    if (response.subscribers_size() >= service::PageSize(request)) return false;
    auto row = kSubscribers.Get(reader, id);
    if (!row) return true;
    v1::SubscriberView& view = *response.add_subscribers();
    view = std::move(*row->mutable_view());
    const bool signs = view.channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK;
    if (signs && view.secret_key_id().empty()) view.set_secret_key_id(lasting_key);
    return true;
  };
  const std::string& component = request.component_id();
  auto after = service::AfterPage(question, component.empty() ? kSubscribers.KeyOf() : kSubscribersOf.KeyOf(component),
                                  request.page_token());
  if (!after.ok()) return after.status();
  response.set_next_page_token(
      component.empty() ? service::FillPage(reader, kSubscribers, *std::move(after), question, take)
                        : service::FillPage(reader, kSubscribersOf, *std::move(after), question, take, component));
  return response;
}

absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(const store::KeyValue& reader,
                                                            const v1::ListDeadLettersRequest& request) {
  const std::string question = service::Question(request);
  auto after = service::AfterPage(question, kDeadLetters.KeyOf(), request.page_token());
  if (!after.ok()) return after.status();
  v1::ListDeadLettersResponse response;
  std::string last = *std::move(after);
  const int size = service::PageSize(request);
  kDeadLetters.Scan(reader, last, [&](std::string_view raw, const auto&, const v1::DeadLetterView& letter) {
    if (response.dead_letters_size() == size) {
      response.set_next_page_token(service::PageToken(question, last));
      return false;
    }
    last = std::string(raw);
    *response.add_dead_letters() = letter;
    return true;
  });
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

std::string CircleOf(const store::KeyValue& reader, const v1::DefineComponentRequest& request) {
  for (const std::string& id : request.depends_on_component_ids()) {
    if (absl::c_linear_search(DependenciesOf(reader, id), request.component_id())) return id;
  }
  return "";
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
