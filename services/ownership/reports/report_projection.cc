#include "services/ownership/reports/report_projection.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/algorithm/container.h"

#include "services/ownership/domain/ownership.h"
#include "services/ownership/history/commitment_text.h"
#include "services/ownership/history/history.h"
#include "services/ownership/reports/numbers.h"
#include "services/ownership/reports/report_tables.h"
#include "services/ownership/reports/sums.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/person.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::ownership {
namespace {

// Puts it into its place, unless it is there. Whether it was not.
template <typename List, typename T>
bool Insert(List& list, const T& one) {
  const auto found = std::lower_bound(list.begin(), list.end(), one);
  const auto at = static_cast<int>(found - list.begin());
  if (found != list.end() && *found == one) return false;
  *list.Add() = one;
  for (int last = list.size() - 1; last > at; --last) list.SwapElements(last, last - 1);
  return true;
}

void Tally(v1::ReportDimension dimension, const std::string& value, int64_t day, const v1::ReportNumbers& numbers,
           const std::string& customer, store::Batch& batch) {
  v1::ReportNumbers sum = kNumbers.Get(batch, dimension, value, day).value_or(v1::ReportNumbers());
  AddTo(sum, numbers);
  kNumbers.Put(batch, dimension, value, day, sum);
  if (numbers.cases_opened() > 0) kReportCustomers.Put(batch, dimension, value, day, customer, "");
}

// Numbers of one commit about a case.
class CaseShare {
 public:
  CaseShare(const runtime::AcceptedCommit& commit, store::Batch& batch)
      : case_(commit.stream.key), day_(DayOf(commit.time)), batch_(batch) {}

  // `customer`: of an opening.
  void Add(const std::string& rep, const v1::ReportNumbers& numbers, const std::string& customer = "") {
    if (numbers.ByteSizeLong() == 0) return;
    Tally(v1::REPORT_DIMENSION_REP, rep, day_, numbers, customer, batch_);
    AddTo(all_, numbers);
    if (!customer.empty()) customer_ = customer;
  }

  void Write(const std::string& component, const std::string& order) {
    if (all_.ByteSizeLong() == 0) return;
    Tally(v1::REPORT_DIMENSION_TOTAL, "", day_, all_, customer_, batch_);
    Tally(v1::REPORT_DIMENSION_COMPONENT, component, day_, all_, customer_, batch_);
    if (order.empty()) return;
    v1::OrderPartiesRow parties = kOrderParties.Get(batch_, order).value_or(v1::OrderPartiesRow());
    if (Insert(*parties.mutable_cases(), case_)) kOrderParties.Put(batch_, order, parties);
    Keep(order);
    for (const std::string& vendor : parties.vendors()) {
      Tally(v1::REPORT_DIMENSION_VENDOR, vendor, day_, all_, customer_, batch_);
    }
    for (const std::string& carrier : parties.carriers()) {
      Tally(v1::REPORT_DIMENSION_CARRIER, carrier, day_, all_, customer_, batch_);
    }
  }

 private:
  // For the vendors and carriers that are not known yet.
  void Keep(const std::string& order) {
    v1::CaseDaysRow days = kCaseDays.Get(batch_, case_).value_or(v1::CaseDaysRow());
    days.set_order_id(order);
    if (!customer_.empty()) days.set_customer_id(customer_);
    Insert(*days.mutable_days(), day_);
    kCaseDays.Put(batch_, case_, days);
    v1::ReportNumbers sum = kCaseNumbers.Get(batch_, case_, day_).value_or(v1::ReportNumbers());
    AddTo(sum, all_);
    kCaseNumbers.Put(batch_, case_, day_, sum);
  }

  const std::string case_;
  const int64_t day_;
  store::Batch& batch_;
  v1::ReportNumbers all_;
  std::string customer_;
};

// The vendor or carrier gets what the cases about its order have counted so far.
void GiveNumbers(v1::ReportDimension dimension, const std::string& value, const v1::OrderPartiesRow& parties,
                 store::Batch& batch) {
  for (const std::string& case_id : parties.cases()) {
    const auto days = kCaseDays.Get(batch, case_id);
    if (!days) continue;
    for (const int64_t day : days->days()) {
      const auto numbers = kCaseNumbers.Get(batch, case_id, day);
      if (numbers) Tally(dimension, value, day, *numbers, days->customer_id(), batch);
    }
  }
}

void ApplyToOrder(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const std::string& order = commit.stream.key;
  std::vector<std::string> vendors, carriers;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<supplier::v1::OrderEvent>(i);
    for (const auto& line : event.placed().lines()) vendors.push_back(line.vendor_id());
    if (event.has_shipment_added()) carriers.push_back(event.shipment_added().carrier());
  }
  if (vendors.empty() && carriers.empty()) return;
  v1::OrderPartiesRow parties = kOrderParties.Get(batch, order).value_or(v1::OrderPartiesRow());
  for (const std::string& vendor : vendors) {
    if (Insert(*parties.mutable_vendors(), vendor)) GiveNumbers(v1::REPORT_DIMENSION_VENDOR, vendor, parties, batch);
  }
  for (const std::string& carrier : carriers) {
    if (Insert(*parties.mutable_carriers(), carrier)) {
      GiveNumbers(v1::REPORT_DIMENSION_CARRIER, carrier, parties, batch);
    }
  }
  kOrderParties.Put(batch, order, parties);
}

void ApplyToIntake(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
    if (!event.has_opened()) continue;
    v1::ReportNumbers numbers;
    numbers.set_cases_opened(1);
    CaseShare share(commit, batch);
    share.Add(event.opened().owner(), numbers, event.opened().customer_id());
    share.Write(event.opened().component_id(), event.opened().order_id());
  }
}

void ApplyToOwnership(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const std::string& case_id = commit.stream.key;
  const auto before = kCaseFacts.Get(batch, case_id);
  v1::CaseFactsRow facts = before.value_or(v1::CaseFactsRow());
  std::map<std::string, v1::ReportNumbers> by_rep;
  bool absorbs = false;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::OwnershipEvent>(i);
    const std::vector<CommitmentChange> changes = CommitmentsIn(event);
    v1::Commitment about;
    if (!changes.empty()) {
      const std::string& id = changes.front().commitment.commitment_id();
      about = kOwed.Get(batch, case_id, id).value_or(v1::Commitment());
      if (id == case_id) about.set_kind(v1::COMMITMENT_KIND_NEXT_UPDATE);  // the opening makes it, without an event
    }
    CountForReports({event, commit.time, about, absorbs}, facts, by_rep);
    absorbs = absorbs || event.has_absorbed();
  }
  kCaseFacts.Put(batch, case_id, facts);
  CaseShare share(commit, batch);
  for (const auto& [rep, numbers] : by_rep) share.Add(rep, numbers);
  share.Write(facts.component_id(), facts.order_id());
}

void ApplyToPerson(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  v1::TeamsRow teams = kTeamsByDay.Get(batch, commit.stream.key).value_or(v1::TeamsRow());
  bool changed = false;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::PersonEvent>(i);
    if (!event.has_introduced() && !event.has_profile_changed()) continue;
    const std::string& team =
        event.has_introduced() ? event.introduced().profile().team() : event.profile_changed().profile().team();
    auto& periods = *teams.mutable_periods();
    if (!periods.empty() && periods.rbegin()->team() == team) continue;
    const int64_t day = std::max(DayOf(commit.time), periods.empty() ? INT64_MIN : periods.rbegin()->day());
    if (periods.empty() || periods.rbegin()->day() < day) periods.Add()->set_day(day);
    periods.rbegin()->set_team(team);
    changed = true;
  }
  if (changed) kTeamsByDay.Put(batch, commit.stream.key, teams);
}

}  // namespace

int64_t DayOf(absl::Time time) {
  return absl::CivilDay(absl::ToCivilDay(time, absl::UTCTimeZone())) - absl::CivilDay(1970, 1, 1);
}

void Reports::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const std::string& kind = commit.stream.kind;
  if (kind == "case") return ApplyToIntake(commit, batch);
  if (kind == Ownership::kKind) return ApplyToOwnership(commit, batch);
  if (kind == "person") return ApplyToPerson(commit, batch);
  if (kind == "order") return ApplyToOrder(commit, batch);
}

}  // namespace throughline::ownership
