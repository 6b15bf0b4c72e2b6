#include "services/supplier-tracking/scorecards/numbers.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "services/supplier-tracking/domain/summary.h"
#include "services/supplier-tracking/lanes/histogram.h"

namespace throughline::supplier {
namespace {

using google::protobuf::FieldDescriptor;

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

bool HasFailedOnItsWay(const v1::ShipmentShareRow::Reports& reports) {
  return !reports.return_leg() &&
         (reports.state() == v1::TRACKING_STATE_RETURNING || reports.state() == v1::TRACKING_STATE_RETURNED ||
          reports.state() == v1::TRACKING_STATE_LOST_OR_DAMAGED);
}

const v1::ShipmentShareRow::Promise& PromiseIn(const v1::ShipmentShareRow& share) {
  for (const auto& promise : share.promises()) {
    if (promise.order_id() == share.reports().order_id()) return promise;
  }
  return v1::ShipmentShareRow::Promise::default_instance();
}

v1::ScorecardRow RowOf(const v1::ShipmentShareRow& share) {
  const v1::ShipmentShareRow::Reports& reports = share.reports();
  v1::ScorecardRow row;
  row.set_shipments(1);
  row.set_shipments_in_time(PromiseIn(share).in_time());
  row.set_shipments_late(PromiseIn(share).late());
  row.set_shipments_failed(HasFailedOnItsWay(reports));
  row.set_scans(reports.scans());
  row.set_corrections(reports.corrections());
  row.set_uncertain_times(reports.uncertain_times());
  row.set_contradictions(reports.contradictions());
  row.set_unmapped(reports.unmapped());
  if (reports.has_latency()) *row.mutable_latency() = reports.latency();
  if (reports.has_gaps()) *row.mutable_gaps() = reports.gaps();
  if (reports.return_leg() || !reports.has_picked_up_at()) return row;
  if (reports.has_delivered_at()) {
    AddDuration(*row.mutable_transit(), absl::Microseconds(reports.delivered_at() - reports.picked_up_at()));
  }
  if (reports.has_announced_at()) {
    AddDuration(*row.mutable_pick_up(), absl::Microseconds(reports.picked_up_at() - reports.announced_at()));
  }
  return row;
}

}  // namespace

std::string LaneName(const std::string& carrier, const std::string& origin, const std::string& destination) {
  return absl::StrCat(carrier, "/", OrDash(origin), "/", OrDash(destination));
}

void AddShare(const std::string& carrier, const v1::ShipmentShareRow& share, int64_t times, ScorecardChanges& changes) {
  if (!share.has_reports()) return;
  const v1::ShipmentShareRow::Reports& reports = share.reports();
  const v1::ScorecardRow row = RowOf(share);
  AddTo(changes[{v1::SCORECARD_SUBJECT_CARRIER, carrier, reports.day()}], row, times);
  if (!IsOver(reports.state()) && !reports.received()) return;
  if (!reports.return_leg()) {
    const std::string lane = LaneName(carrier, reports.origin(), reports.destination());
    AddTo(changes[{v1::SCORECARD_SUBJECT_LANE, lane, reports.day()}], row, times);
  }
  for (const std::string& vendor : PromiseIn(share).vendors()) {
    AddTo(changes[{v1::SCORECARD_SUBJECT_VENDOR, vendor, reports.day()}], row, times);
  }
}

void AddShare(const v1::OrderShareRow& share, int64_t times, ScorecardChanges& changes) {
  for (const auto& vendor : share.vendors()) {
    v1::ScorecardRow row;
    row.set_orders(1);
    row.set_lines(vendor.lines());
    row.set_lines_in_time(vendor.lines_in_time());
    row.set_lines_late(vendor.lines_late());
    row.set_lines_backordered(vendor.lines_backordered());
    row.set_lines_delayed(vendor.lines_delayed());
    if (vendor.has_dispatched_at() && share.promised_ahead()) {
      AddDuration(*row.mutable_handling(), absl::Microseconds(vendor.dispatched_at() - share.placed_at()));
    }
    AddTo(changes[{v1::SCORECARD_SUBJECT_VENDOR, vendor.vendor_id(), share.day()}], row, times);
  }
}

void AddTo(v1::ScorecardRow& sum, const v1::ScorecardRow& more, int64_t times) {
  const auto& reflection = *sum.GetReflection();
  const auto& descriptor = *sum.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor* field = descriptor.field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      const int64_t added = reflection.GetInt64(more, field) * times;
      if (added != 0) reflection.SetInt64(&sum, field, reflection.GetInt64(sum, field) + added);
      continue;
    }
    if (!reflection.HasField(more, field)) continue;
    auto& histogram = static_cast<v1::Histogram&>(*reflection.MutableMessage(&sum, field));
    AddHistogram(histogram, static_cast<const v1::Histogram&>(reflection.GetMessage(more, field)), times);
    if (histogram.buckets().empty()) reflection.ClearField(&sum, field);  // as if it had never been
  }
}

v1::ScorecardNumbers NumbersOf(const v1::ScorecardRow& row) {
  v1::ScorecardNumbers numbers;
  const auto& reflection = *row.GetReflection();
  for (int i = 0; i < numbers.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* to = numbers.GetDescriptor()->field(i);
    const FieldDescriptor* from = row.GetDescriptor()->FindFieldByNumber(to->number());
    if (to->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      numbers.GetReflection()->SetInt64(&numbers, to, reflection.GetInt64(row, from));
    } else if (reflection.HasField(row, from)) {
      static_cast<v1::Durations&>(*numbers.GetReflection()->MutableMessage(&numbers, to)) =
          DurationsOf(static_cast<const v1::Histogram&>(reflection.GetMessage(row, from)));
    }
  }
  return numbers;
}

}  // namespace throughline::supplier
