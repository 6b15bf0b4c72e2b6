#include "tests/faults/matrix/ledger.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "tests/support/failover.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/supplier/v1/commands.pb.h"

namespace throughline::faults {
namespace {

// So that later commands meet streams that others write, too.
constexpr size_t kRecent = 300;

void SetHours(google::protobuf::Timestamp* time, absl::Duration from_now) {
  time->set_seconds(absl::ToUnixSeconds(absl::Now() + from_now));
}

template <typename Request, typename Response>
Request& Fresh(Ledger::Entry& entry) {
  auto request = std::make_unique<Request>();
  Request& filled = *request;
  entry.request = std::move(request);
  entry.response = std::make_unique<Response>();
  return filled;
}

void OpenCase(Ledger::Entry& entry) {
  auto& request = Fresh<intake::v1::OpenCaseRequest, intake::v1::OpenCaseResponse>(entry);
  request.set_command_id(entry.id);
  request.set_customer_id("customer-" + entry.id);
  request.set_subject("subject " + entry.id);
  request.set_text("case " + entry.id);
  request.set_channel(intake::v1::CHANNEL_PHONE);
}

void RecordInteraction(Ledger::Entry& entry) {
  auto& request = Fresh<intake::v1::RecordInteractionRequest, intake::v1::RecordInteractionResponse>(entry);
  request.set_command_id(entry.id);
  request.set_case_id(entry.subject);
  request.set_channel(intake::v1::CHANNEL_PHONE);
  request.set_direction(intake::v1::DIRECTION_INBOUND);
  request.set_text("interaction " + entry.id);
}

void AddWorkNote(Ledger::Entry& entry) {
  auto& request = Fresh<ownership::v1::AddWorkNoteRequest, ownership::v1::AddWorkNoteResponse>(entry);
  request.set_command_id(entry.id);
  request.set_case_id(entry.subject);
  request.set_text("work note " + entry.id);
}

void PlaceOrder(Ledger::Entry& entry) {
  auto& request = Fresh<supplier::v1::PlaceOrderRequest, supplier::v1::PlaceOrderResponse>(entry);
  if (entry.subject.empty()) entry.subject = "SO-" + entry.id;
  request.set_command_id(entry.id);
  request.set_order_id(entry.subject);
  request.set_customer_id("customer-" + entry.id);
  auto& line = *request.add_lines();
  line.set_line_id("1");
  line.set_sku("sku-1");
  line.set_quantity(1);
  line.set_vendor_id("acme");
  SetHours(request.mutable_promised_time(), absl::Hours(48));
}

void DelayOrder(Ledger::Entry& entry) {
  auto& request = Fresh<supplier::v1::RecordVendorUpdateRequest, supplier::v1::RecordVendorUpdateResponse>(entry);
  request.set_command_id(entry.id);
  request.set_order_id(entry.subject);
  request.set_vendor_id("acme");
  request.mutable_delayed()->set_reason("late " + entry.id);
  SetHours(request.mutable_delayed()->mutable_expected_delivery()->mutable_latest(), absl::Hours(240));
}

}  // namespace

Ledger::Entry* Ledger::Make(std::mt19937_64& random) {
  const int percent = static_cast<int>(random() % 100);
  const uint64_t choice = random();
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_.emplace_back();
  entry.id = absl::StrCat(prefix_, "-", entries_.size());
  Fill(entry, percent, choice);
  entry.first_sent = absl::Now();
  ++sent_;
  file_ << "sent " << entry.id << ' ' << static_cast<int>(entry.kind) << ' ' << entry.subject << '\n' << std::flush;
  return &entry;
}

Ledger::Entry* Ledger::Write(Kind kind, std::unique_ptr<google::protobuf::Message> request,
                             std::unique_ptr<google::protobuf::Message> response, const std::string& subject) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_.emplace_back();
  entry.id = client::EnsureCommandId(*request);
  entry.kind = kind;
  entry.request = std::move(request);
  entry.response = std::move(response);
  entry.subject = subject;
  entry.first_sent = absl::Now();
  ++sent_;
  file_ << "sent " << entry.id << ' ' << static_cast<int>(kind) << ' ' << subject << '\n' << std::flush;
  return &entry;
}

void Ledger::Fill(Entry& entry, int percent, uint64_t choice) {
  const auto recent_case = [&] {
    mutex_.AssertHeld();
    return cases_[cases_.size() - 1 - static_cast<size_t>(choice % std::min(cases_.size(), kRecent))];
  };
  int below = mix_.interactions;
  if (percent < below && !cases_.empty()) {
    entry.kind = Kind::kInteraction;
    entry.subject = recent_case();
    return RecordInteraction(entry);
  }
  if (percent >= below && percent < below + mix_.work_notes && !cases_.empty()) {
    entry.kind = Kind::kWorkNote;
    entry.subject = recent_case();
    return AddWorkNote(entry);
  }
  below += mix_.work_notes;
  if (percent >= below && percent < below + mix_.orders) {
    entry.kind = Kind::kOrder;
    return PlaceOrder(entry);
  }
  below += mix_.orders;
  if (percent >= below && percent < below + mix_.delays && !orders_.empty()) {
    entry.kind = Kind::kDelay;
    entry.subject = orders_.front();
    orders_.pop_front();
    return DelayOrder(entry);
  }
  below += mix_.delays;
  if (percent >= below && percent < below + mix_.doomed && !placed_.empty()) {
    entry.kind = Kind::kDoomed;
    entry.subject = placed_[static_cast<size_t>(choice % placed_.size())];
    return PlaceOrder(entry);
  }
  entry.kind = Kind::kOpen;
  OpenCase(entry);
}

void Ledger::Note(Entry& entry, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  const bool unknown = testing::OutcomeUnknown(status);
  file_ << (status.ok() ? "ok " : unknown ? "unknown " : "refused ") << entry.id;
  if (!status.ok()) file_ << ' ' << status.ToString();
  if (unknown) {
    entry.was_unknown = true;
    file_ << '\n' << std::flush;
    return;
  }
  const bool first = entry.answer == Answer::kNone;
  entry.answered = absl::Now();
  if (!status.ok()) {
    entry.answer = Answer::kRefused;
    entry.refusal = status.ToString();
  } else {
    entry.answer = Answer::kAcknowledged;
    if (entry.kind == Kind::kOpen) {
      if (const auto* opened = dynamic_cast<const intake::v1::OpenCaseResponse*>(entry.response.get()))
        entry.subject = opened->case_id();
    }
    if (first) {
      ++acknowledged_;
      if (entry.kind == Kind::kOpen) cases_.push_back(entry.subject);
      if (entry.kind == Kind::kOrder) {
        orders_.push_back(entry.subject);
        placed_.push_back(entry.subject);
      }
    }
    file_ << ' ' << entry.subject;
  }
  file_ << '\n' << std::flush;
}

Ledger::Totals Ledger::totals() const {
  absl::MutexLock lock(&mutex_);
  Totals totals;
  for (const Entry& entry : entries_) {
    ++totals.sent;
    totals.acknowledged += entry.answer == Answer::kAcknowledged;
    totals.refused += entry.answer == Answer::kRefused;
    totals.unsettled += entry.answer == Answer::kNone;
    totals.unknown += entry.was_unknown;
  }
  return totals;
}

std::vector<std::string> Ledger::delayed_orders() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> orders;
  for (const Entry& entry : entries_) {
    if (entry.kind == Kind::kDelay && entry.answer == Answer::kAcknowledged) orders.push_back(entry.subject);
  }
  return orders;
}

}  // namespace throughline::faults
