#include "services/supplier-tracking/projections/notices.h"

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/projections/order/customer_text.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/trace.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::supplier {
namespace {

using Event = outage::v1::NoticeEvent;

constexpr int kRows = 100;  // of a notice: the first half and the last half are kept

std::string NextUpdate(const google::protobuf::Timestamp& due) { return "; next update by " + TimeText(due); }

std::string TextOf(const Event& event, const std::string& title) {
  switch (event.event_case()) {
    case Event::kPublished:
      return absl::StrCat("notice: ", event.published().title(), NextUpdate(event.published().next_update_due()));
    case Event::kUpdated:
      return absl::StrCat("notice ", title, ": ", event.updated().text(),
                          NextUpdate(event.updated().next_update_due()));
    case Event::kUpdateMissed:
      return absl::StrCat("notice ", title, ": the update due ", TimeText(event.update_missed().due()), " is overdue");
    case Event::kResolved:
      return absl::StrCat("notice ", title, " resolved: ", event.resolved().text());
    case Event::kReassigned:
      return absl::StrCat("notice ", title, " goes from ", event.reassigned().from(), " to ", event.reassigned().to(),
                          ": ", event.reassigned().reason());
    case Event::kBegan:
      return absl::StrCat("notice ", title, " begins");
    case Event::kCorrected:
      return absl::StrCat("notice ", title, " corrected: ", event.corrected().reason());
    case Event::kPostmortem:
      return absl::StrCat("notice ", title, ", what was learned: ", event.postmortem().text());
    case Event::kFollowUpMade:
      return absl::StrCat("notice ", title, ", follow-up of ", event.follow_up_made().commitment().team(), " by ",
                          TimeText(event.follow_up_made().commitment().due()), ": ",
                          event.follow_up_made().commitment().text());
    case Event::kFollowUpSettled:
      return event.follow_up_settled().outcome() == ownership::v1::COMMITMENT_OUTCOME_KEPT
                 ? absl::StrCat("notice ", title, ", follow-up done: ", event.follow_up_settled().evidence())
                 : absl::StrCat("notice ", title, ", follow-up not done in time");
    case Event::EVENT_NOT_SET:
      return "";
  }
  return "";
}

}  // namespace

void NoticeProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "notice") return;
  v1::NoticeRow row = kNotices.Get(batch, commit.stream.key).value_or(v1::NoticeRow());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const Event& event = commit.EventAt<Event>(i);
    if (event.has_published()) row.set_title(event.published().title());
    v1::TraceRow& trace = *row.add_rows();
    trace = MakeTraceRow(commit, i, TextOf(event, row.title()));
    trace.set_customer_text(CustomerText(event, row.title()));
    if (row.rows_size() > kRows) row.mutable_rows()->DeleteSubrange(kRows / 2, 1);
  }
  kNotices.Put(batch, commit.stream.key, row);
  batch.Notify(NoticeTopic(commit.stream.key));
}

}  // namespace throughline::supplier
