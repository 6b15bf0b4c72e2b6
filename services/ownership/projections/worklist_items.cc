#include "services/ownership/projections/worklist_items.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/projections/worklist.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"
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
    case Event::kCorrected:
      if (event.corrected().has_title()) notice->set_title(event.corrected().title());
      return;
    case Event::kResolved:
      notice.reset();
      return;
    default:
      return;
  }
}

using Learning = std::optional<v1::LearningRow>;

// A worklist shows a line of it.
std::string FirstLine(const std::string& text) {
  constexpr size_t kMost = 200;
  std::string line = text.substr(0, text.find('\n'));
  if (line.size() <= kMost) return line;
  size_t size = kMost;
  while (size > 0 && (static_cast<unsigned char>(line[size]) & 0xC0) == 0x80) --size;
  return line.substr(0, size) + "...";
}

// True if whoever stands above is to see from here on that it is overdue.
bool Evolve(Learning& row, const intake::v1::SuggestionEvent& event, const google::protobuf::Timestamp& time) {
  using Event = intake::v1::SuggestionEvent;
  switch (event.event_case()) {
    case Event::kRecorded:
      row.emplace();
      row->set_owed_by(event.recorded().owed_by());
      row->set_subject(FirstLine(event.recorded().text()));
      *row->mutable_due() = event.recorded().answer_due();
      *row->mutable_since() = time;
      row->set_case_id(event.recorded().case_id());
      row->set_customer_id(event.recorded().customer_id());
      return false;
    case Event::kRouted:
      if (!row) return false;
      row->set_owed_by(event.routed().to());
      *row->mutable_since() = time;
      return false;
    case Event::kAnswered:
      row.reset();
      return false;
    case Event::kAnswerMissed:
      return row.has_value();
    case Event::kAcknowledged:
    case Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

bool Evolve(Learning& row, const intake::v1::ImprovementEvent& event, const google::protobuf::Timestamp& time) {
  using Event = intake::v1::ImprovementEvent;
  switch (event.event_case()) {
    case Event::kOpened:
      row.emplace();
      row->set_owed_by(event.opened().owed_by());
      row->set_subject(FirstLine(event.opened().reason()));
      *row->mutable_due() = event.opened().answer_due();
      *row->mutable_since() = time;
      return false;
    case Event::kRouted:
      if (!row) return false;
      row->set_owed_by(event.routed().to());
      *row->mutable_since() = time;
      return false;
    case Event::kChangeRecorded:
      if (row) row->clear_due();
      return false;
    case Event::kNotReached:
      if (!row) return false;
      *row->mutable_due() = event.not_reached().answer_due();
      *row->mutable_since() = time;
      return false;
    case Event::kClosed:
      row.reset();
      return false;
    case Event::kAnswerMissed:
      return row.has_value();
    case Event::kRaisedAgain:
    case Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

template <typename Event, typename Table>
void ApplyLearning(const runtime::AcceptedCommit& commit, const Table& table, v1::WorklistReason reason,
                   store::Batch& batch) {
  const std::string& thing = commit.stream.key;
  const auto rows_of = [&](const Learning& row) { return row ? WorklistRowsOf(reason, thing, *row) : WorklistRows(); };
  const Learning before = table.Get(batch, thing);
  Learning after = before;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const bool raised = Evolve(after, commit.EventAt<Event>(i), runtime::ToProto(commit.time));
    if (raised) batch.Notify(WorklistTopic(after->owed_by()));
  }
  after ? table.Put(batch, thing, *after) : table.Delete(batch, thing);
  WriteWorklist(rows_of(before), rows_of(after), batch);
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

void LearningItems::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == "suggestion") {
    ApplyLearning<intake::v1::SuggestionEvent>(commit, kSuggestions, v1::WORKLIST_REASON_SUGGESTION, batch);
  } else if (commit.stream.kind == "improvement") {
    ApplyLearning<intake::v1::ImprovementEvent>(commit, kImprovements, v1::WORKLIST_REASON_IMPROVEMENT, batch);
  }
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
