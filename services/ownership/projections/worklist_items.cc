#include "services/ownership/projections/worklist_items.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/person.h"
#include "services/ownership/projections/worklist.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::ownership {
namespace {

using Notice = std::optional<v1::NoticeRow>;

void Evolve(Notice& notice, const outage::v1::NoticeEvent& event, const google::protobuf::Timestamp& time) {
  using Event = outage::v1::NoticeEvent;
  if (event.has_published()) {
    notice.emplace();
    notice->set_owner(event.published().owner());
    notice->set_title(event.published().title());
    *notice->mutable_next_update_due() = event.published().next_update_due();
    *notice->mutable_updated_at() = time;
    *notice->mutable_owned_since() = time;
    return;
  }
  if (!notice) return;  // resolved
  switch (event.event_case()) {
    case Event::kUpdated:
      *notice->mutable_next_update_due() = event.updated().next_update_due();
      *notice->mutable_updated_at() = time;
      return;
    case Event::kReassigned:
      notice->set_owner(event.reassigned().to());
      *notice->mutable_owned_since() = time;
      return;
    case Event::kResolved:
      notice.reset();
      return;
    default:
      return;
  }
}

WorklistRows RowsOf(const std::string& notice_id, const Notice& notice) {
  return notice ? WorklistRowsOf(notice_id, *notice) : WorklistRows();
}

}  // namespace

void NoticeItems::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "notice") return;
  const std::string& notice_id = commit.stream.key;
  const Notice before = kNotices.Get(batch, notice_id);
  Notice after = before;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<outage::v1::NoticeEvent>(i);
    Evolve(after, event, runtime::ToProto(commit.time));
    // The row stays, but whoever stands above the owner sees it from here on.
    if (event.has_update_missed() && after) batch.Notify(WorklistTopic(after->owner()));
  }
  after ? kNotices.Put(batch, notice_id, *after) : kNotices.Delete(batch, notice_id);
  WriteWorklist(RowsOf(notice_id, before), RowsOf(notice_id, after), batch);
}

void SetAsideItems::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != Person::kKind) return;
  const std::string& person = commit.stream.key;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::PersonEvent>(i);
    if (event.has_work_item_acknowledged()) {
      kSetAside.Put(batch, person, event.work_item_acknowledged().item_id(), kAcknowledged);
    } else if (event.has_work_item_snoozed()) {
      kSetAside.Put(batch, person, event.work_item_snoozed().item_id(),
                    absl::ToUnixMicros(runtime::FromProto(event.work_item_snoozed().until())));
    } else {
      continue;
    }
    batch.Notify(WorklistTopic(person));
  }
}

}  // namespace throughline::ownership
