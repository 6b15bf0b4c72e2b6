#include "services/outage-notice/projections/subscribers.h"

#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/subscriber.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

using google::protobuf::Timestamp;
using runtime::FromProto;
using runtime::ToProto;
using State = v1::SubscriberState;

v1::SubscriberView ViewOf(const State& state, const std::string& id, uint64_t version) {
  v1::SubscriberView view;
  const v1::SubscriptionRequested& address = AddressOf(state);
  view.set_subscriber_id(id);
  view.set_version(version);
  view.set_channel(address.channel());
  view.set_address(address.address());
  *view.mutable_component_ids() = address.component_ids();
  view.set_confirmed(state.has_active());
  *view.mutable_since() = state.has_active() ? state.active_since() : state.request().at();
  view.set_waiting_count(static_cast<uint32_t>(state.waiting_size()));
  view.set_sent_count(state.sent_count());
  view.set_secret_key_id(state.has_active() ? state.secret_key_id() : state.request().key_id());
  if (state.waiting().empty()) return view;
  const State::Delivery& first = state.waiting(0);
  view.set_failed_attempt_count(first.attempts() - (state.sending() && first.attempts() > 0 ? 1 : 0));
  view.set_why(first.why());
  return view;
}

// For when the timer of the first message is set. A message that is first from now on is due at once; the time differs
// from that of the timer before, so that it is another one.
void SetDelivery(const State& state, absl::Time now, const v1::SubscriberRow& before, v1::SubscriberRow& after) {
  if (state.waiting().empty()) return;
  const State::Delivery& first = state.waiting(0);
  after.set_delivery_id(first.delivery_id());
  after.set_attempt(first.attempts() + 1);
  if (state.has_next_attempt_at()) {
    *after.mutable_deliver_at() = state.next_attempt_at();
  } else if (before.delivery_id() == after.delivery_id() && before.attempt() == after.attempt()) {
    *after.mutable_deliver_at() = before.deliver_at();
  } else {
    const absl::Time last = FromProto(before.deliver_at());
    *after.mutable_deliver_at() = ToProto(before.has_deliver_at() && last == now ? now + absl::Microseconds(1) : now);
  }
  *after.mutable_view()->mutable_next_attempt_at() = after.deliver_at();
}

void MoveTimer(store::Batch& batch, const std::string& stream, const char* name, const Timestamp* was,
               const Timestamp* is) {
  if (was != nullptr && is != nullptr && FromProto(*was) == FromProto(*is)) return;
  if (was != nullptr) runtime::CancelTimer(batch, FromProto(*was), stream, name);
  if (is != nullptr) runtime::ScheduleTimer(batch, FromProto(*is), stream, name);
}

v1::DeadLetterView DeadLetter(const State& state, const State::Delivery& letter, const std::string& id) {
  v1::DeadLetterView view;
  view.set_subscriber_id(id);
  view.set_delivery_id(letter.delivery_id());
  view.set_channel(AddressOf(state).channel());
  view.set_address(AddressOf(state).address());
  view.set_kind(IsQuestion(letter) ? v1::DELIVERY_KIND_CONFIRMATION : v1::DELIVERY_KIND_UPDATE);
  view.set_notice_id(letter.notice_id());
  *view.mutable_queued_at() = letter.queued_at();
  *view.mutable_dead_at() = letter.dead_at();
  view.set_attempt_count(letter.attempts());
  view.set_why(letter.why());
  return view;
}

// Only a commit that moves letters changes their rows.
void PutLetters(const State& state, const std::string& id, const v1::SubscriberRow& before, v1::SubscriberRow& after,
                store::Batch& batch) {
  for (const State::Delivery& letter : state.dead()) after.add_dead_delivery_ids(letter.delivery_id());
  runtime::Count(batch, kDeliveriesDead, after.dead_delivery_ids_size() - before.dead_delivery_ids_size());
  for (const std::string& letter : before.dead_delivery_ids()) {
    if (!absl::c_linear_search(after.dead_delivery_ids(), letter)) kDeadLetters.Delete(batch, id, letter);
  }
  for (const State::Delivery& letter : state.dead()) {
    if (absl::c_linear_search(before.dead_delivery_ids(), letter.delivery_id())) continue;
    kDeadLetters.Put(batch, id, letter.delivery_id(), DeadLetter(state, letter, id));
  }
}

// The keys that its secrets follow from: the one that signs, and the one that was shown with a request.
void SetKeys(const State& state, v1::SubscriberRow& after) {
  if (state.active().channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK) after.add_counted_key_ids(state.secret_key_id());
  if (state.request().channel() == v1::SUBSCRIBER_CHANNEL_WEBHOOK) after.add_counted_key_ids(state.request().key_id());
}

// A count that has become 0 stays: a gauge's label that was shown once stays, too.
void CountKeys(const v1::SubscriberRow& before, const v1::SubscriberRow& after, store::Batch& batch) {
  const auto count = [&](const std::string& key_id, int64_t change) {
    kSecretsOfKey.Put(batch, key_id, kSecretsOfKey.Get(batch, key_id).value_or(0) + change);
  };
  if (absl::c_equal(before.counted_key_ids(), after.counted_key_ids())) return;
  for (const std::string& key_id : before.counted_key_ids()) count(key_id, -1);
  for (const std::string& key_id : after.counted_key_ids()) count(key_id, 1);
}

void CountAttempts(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::SubscriberEvent>(i);
    if (event.has_done()) runtime::Count(batch, kDeliveriesSent, 1);
    if (event.has_failed() || event.has_dead()) runtime::Count(batch, kDeliveriesFailed, 1);
  }
}

v1::NoticeNews NewsOf(const v1::NoticeEvent& event) {
  switch (event.event_case()) {
    case v1::NoticeEvent::kPublished:
      return v1::NOTICE_NEWS_PUBLISHED;
    case v1::NoticeEvent::kUpdated:
      return v1::NOTICE_NEWS_UPDATED;
    case v1::NoticeEvent::kBegan:
      return v1::NOTICE_NEWS_BEGAN;
    case v1::NoticeEvent::kCorrected:
      return v1::NOTICE_NEWS_CORRECTED;
    case v1::NoticeEvent::kResolved:
      return v1::NOTICE_NEWS_RESOLVED;
    case v1::NoticeEvent::kPostmortem:
      return v1::NOTICE_NEWS_POSTMORTEM;
    case v1::NoticeEvent::kUpdateMissed:
    case v1::NoticeEvent::kReassigned:
    case v1::NoticeEvent::kFollowUpMade:
    case v1::NoticeEvent::kFollowUpSettled:
    case v1::NoticeEvent::EVENT_NOT_SET:
      return v1::NOTICE_NEWS_UNSPECIFIED;
  }
  return v1::NOTICE_NEWS_UNSPECIFIED;
}

}  // namespace

void SubscriberProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Subscriber::kKind) return;
  const std::string& id = commit.stream.key;
  const State& state = commit.StateOf<Subscriber>();
  const v1::SubscriberRow before = kSubscribers.Get(batch, id).value_or(v1::SubscriberRow());
  v1::SubscriberRow after;
  PutLetters(state, id, before, after, batch);
  if (!IsNobody(state)) {
    *after.mutable_view() = ViewOf(state, id, commit.version);
    SetDelivery(state, commit.time, before, after);
    SetKeys(state, after);
    if (state.has_request()) *after.mutable_expire_at() = state.request().expires_at();
    if (state.has_active()) *after.mutable_found_under() = state.active().component_ids();
    if (state.has_active() && state.active().component_ids().empty()) after.add_found_under("");
    kSubscribers.Put(batch, id, after);
  } else {
    kSubscribers.Delete(batch, id);
  }
  for (const std::string& component : before.found_under()) kSubscribersOf.Delete(batch, component, id);
  for (const std::string& component : after.found_under()) kSubscribersOf.Put(batch, component, id, std::string());
  const auto at = [](bool set, const Timestamp& time) { return set ? &time : nullptr; };
  MoveTimer(batch, commit.stream.ToString(), kDeliver, at(before.has_deliver_at(), before.deliver_at()),
            at(after.has_deliver_at(), after.deliver_at()));
  MoveTimer(batch, commit.stream.ToString(), kExpire, at(before.has_expire_at(), before.expire_at()),
            at(after.has_expire_at(), after.expire_at()));
  CountAttempts(commit, batch);
  CountKeys(before, after, batch);
  runtime::Count(batch, kSubscribersConfirmed, after.view().confirmed() - before.view().confirmed());
  runtime::Count(batch, kDeliveriesWaiting,
                 static_cast<int64_t>(after.view().waiting_count()) - before.view().waiting_count());
}

std::vector<std::pair<std::string, double>> SecretsOfKeys(const store::KeyValue& reader,
                                                          const std::string& lasting_key) {
  std::map<std::string, double> counts;
  kSecretsOfKey.Scan(reader, "", [&](std::string_view, const auto& key, int64_t count) {
    const std::string& key_id = std::get<0>(key);
    counts[key_id.empty() ? lasting_key : key_id] += static_cast<double>(count);
    return true;
  });
  return {counts.begin(), counts.end()};
}

v1::NoticeNews NewsIn(const runtime::AcceptedCommit& commit) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const v1::NoticeNews news = NewsOf(commit.EventAt<v1::NoticeEvent>(i));
    if (news != v1::NOTICE_NEWS_UNSPECIFIED) return news;
  }
  return v1::NOTICE_NEWS_UNSPECIFIED;
}

std::vector<std::string> ComponentsOf(const runtime::AcceptedCommit& commit, const v1::NoticeUpdateMessage& told) {
  std::vector<std::string> components(told.component_ids().begin(), told.component_ids().end());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& corrected = commit.EventAt<v1::NoticeEvent>(i).corrected();
    absl::c_copy(corrected.removed_component_ids(), std::back_inserter(components));
  }
  return components;
}

void NewsProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "notice") return;
  const v1::NoticeNews news = NewsIn(commit);
  if (news == v1::NOTICE_NEWS_UNSPECIFIED) return;
  const v1::NoticeView notice = kNotices.Get(batch, commit.stream.key).value_or(v1::NoticeView());
  v1::NoticeUpdateMessage told;
  told.set_notice_id(commit.stream.key);
  told.set_version(commit.version);
  *told.mutable_at() = ToProto(commit.time);
  told.set_news(news);
  told.set_kind(notice.kind());
  told.set_stage(notice.stage());
  told.set_impact(notice.impact());
  *told.mutable_component_ids() = notice.component_ids();
  told.set_title(notice.title());
  told.set_text(news == v1::NOTICE_NEWS_POSTMORTEM ? notice.postmortem().text() : notice.current_text());
  *told.mutable_since() = notice.since();
  if (notice.has_next_update_due()) *told.mutable_next_update_due() = notice.next_update_due();
  if (notice.has_expected_end()) *told.mutable_expected_end() = notice.expected_end();
  if (notice.has_workaround()) told.set_workaround(notice.workaround());
  if (notice.has_reason()) told.set_reason(notice.reason());
  if (news == v1::NOTICE_NEWS_CORRECTED) told.set_reason(notice.corrections().rbegin()->reason());
  *told.mutable_customer_options() = notice.customer_options();
  if (notice.has_resolved_at()) *told.mutable_resolved_at() = notice.resolved_at();
  if (notice.has_scope()) *told.mutable_scope() = notice.scope();
  const int64_t version = static_cast<int64_t>(commit.version);
  kNews.Put(batch, commit.stream.key, version, told);
  std::vector<std::string> components = ComponentsOf(commit, told);
  components.emplace_back();
  for (const std::string& component : components) {
    kNewsOf.Put(batch, component, store::Descending{commit.time}, commit.stream.key, version, std::string());
  }
}

}  // namespace throughline::outage
