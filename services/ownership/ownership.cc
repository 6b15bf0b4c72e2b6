#include "services/ownership/ownership.h"

#include "absl/strings/str_cat.h"

#include "services/ownership/api/api.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/domain/remedies/authority.h"
#include "services/ownership/history/history.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/case_projection.h"
#include "services/ownership/projections/outage_items.h"
#include "services/ownership/projections/tables.h"
#include "services/ownership/projections/worklist_items.h"
#include "services/ownership/reactors/complete_remedies.h"
#include "services/ownership/reactors/confirmation.h"
#include "services/ownership/reactors/deadlines.h"
#include "services/ownership/reactors/merge.h"
#include "services/ownership/reactors/people.h"
#include "services/ownership/reactors/waiting_cases.h"
#include "services/ownership/reactors/words.h"
#include "services/ownership/reports/report_projection.h"
#include "services/ownership/search/search_changes.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::ownership {
namespace {

using log::Topic;
using runtime::CounterGauge;
using runtime::StreamType;

}  // namespace

std::unique_ptr<runtime::Definition> Define(const Config& config) {
  auto definition = std::make_unique<runtime::Definition>();
  definition->topic = Topic::kOwnership;
  definition->folds = {Topic::kIntake, Topic::kOwnership, Topic::kOutageNotice, Topic::kSupplierTracking};
  definition->layout = "ownership-17";
  definition->resident = RosterTables();
  definition->negative_lookups = kViews.first_byte();
  definition->types.Add(StreamType::Own<Ownership>(Topic::kOwnership));
  definition->types.Add(StreamType::Own<Person>(Topic::kOwnership));
  definition->types.Add(StreamType::Own<Authority>(Topic::kOwnership));
  // How people were known before they had a stream of their own.
  definition->types.Add(StreamType::Foreign<v1::AvailabilityEvent>(Topic::kOwnership, "availability"));
  definition->types.Add(StreamType::Foreign<intake::v1::CaseEvent>(Topic::kIntake, "case"));
  definition->types.LeaveUnread(Topic::kIntake, "matter");
  definition->types.Add(StreamType::Foreign<intake::v1::SuggestionEvent>(Topic::kIntake, "suggestion"));
  definition->types.Add(StreamType::Foreign<intake::v1::ImprovementEvent>(Topic::kIntake, "improvement"));
  definition->types.Add(StreamType::Foreign<outage::v1::ComponentEvent>(Topic::kOutageNotice, "component"));
  definition->types.Add(StreamType::Foreign<outage::v1::NoticeEvent>(Topic::kOutageNotice, "notice"));
  definition->types.Add(StreamType::Foreign<supplier::v1::OrderEvent>(Topic::kSupplierTracking, "order"));
  definition->types.LeaveUnread(Topic::kSupplierTracking, "shipment");
  definition->projections.push_back(std::make_unique<CaseProjection>());
  definition->projections.push_back(std::make_unique<CaseHistory>());
  definition->projections.push_back(std::make_unique<Reports>());  // reads what CaseHistory has written
  definition->projections.push_back(std::make_unique<SearchChanges>());
  definition->projections.push_back(std::make_unique<PeopleProjection>());
  definition->projections.push_back(std::make_unique<AuthorityProjection>());
  definition->projections.push_back(std::make_unique<ResolvedNotices>());
  definition->projections.push_back(std::make_unique<NoticeItems>());
  definition->projections.push_back(std::make_unique<LearningItems>());
  definition->projections.push_back(std::make_unique<OutageItems>());
  definition->projections.push_back(std::make_unique<SetAsideItems>());
  definition->reactors.push_back(std::make_unique<ConfirmationReactor>());
  definition->reactors.push_back(std::make_unique<WordsReactor>(config.periods));
  definition->reactors.push_back(std::make_unique<MergeReactor>(config.periods));
  definition->reactors.push_back(std::make_unique<MeetPeople>());
  definition->reactors.push_back(std::make_unique<RelievePeople>(config));
  definition->reactors.push_back(std::make_unique<AssignWaitingCases>());
  definition->reactors.push_back(std::make_unique<CompleteRemedies>());
  definition->timers = std::make_unique<Deadlines>(config);
  definition->gauges = {
      CounterGauge("throughline_promises_open", "Promises that are neither kept nor broken yet.", kPromisesOpen),
      CounterGauge("throughline_commitments_open", "Commitments of any kind that are open.", kCommitmentsOpen),
      CounterGauge("throughline_remedies_waiting", "Remedies that wait for a supervisor's decision.", kRemediesWaiting),
      CounterGauge("throughline_remedies_to_pay", "Granted remedies that are not paid yet.", kRemediesToPay),
      CounterGauge("throughline_customers_waiting", "Cases in which the customer waits for an answer.", kUnanswered),
      CounterGauge("throughline_cases_waiting_for_rep",
                   "Open cases that nobody took: their owner looks after them until a rep is free.", kCasesWaiting),
      CounterGauge("throughline_handoffs_open", "Offers of a hand-over that are open.", kHandoffsOpen),
      CounterGauge("throughline_escalations_open", "Escalations that are not settled.", kEscalationsOpen),
      {"throughline_search_cases", "Cases that can be found.",
       [progress = config.search_progress](const store::KeyValue&, absl::Time) {
         return static_cast<double>(progress->cases);
       }},
      {"throughline_search_records_behind", "Records that are folded and that the search has not read yet.",
       [progress = config.search_progress](const store::KeyValue&, absl::Time) {
         return static_cast<double>(progress->records_behind);
       }},
  };
  definition->counters = {
      {"throughline_promises_kept_total", "Promises that were kept in time.", kPromisesKept},
      {"throughline_promises_broken_total", "Promises whose due time passed unkept.", kPromisesBroken},
      {"throughline_commitments_broken_total", "Commitments other than promises that were broken.", kCommitmentsBroken},
      {"throughline_help_requested_total", "Requests for help about a case.", kHelpRequested},
      {"throughline_help_given_total", "Requests for help that were met in time.", kHelpGiven},
      {"throughline_help_returned_total", "Requests for help that were handed back with a reason.", kHelpReturned},
      {"throughline_help_returned_unanswered_total",
       "Requests for help that were neither met nor handed back in time and went back by themselves.", kHelpUnanswered},
      {"throughline_confirmations_taken_back_total",
       "Proposed or confirmed resolutions after which the customer spoke again.", kConfirmationsTakenBack},
      {"throughline_cases_closed_confirmed_total", "Closings of a case that the customer had confirmed as solved.",
       kClosedConfirmed},
      {"throughline_cases_closed_unconfirmed_total",
       "Closings of a case that the customer had not confirmed as solved.", kClosedUnconfirmed},
      {"throughline_case_reopenings_total", "Reopenings of cases.", kReopenings},
      {"throughline_handoff_ping_pongs_total", "Hand-overs that went straight back (A, B, A).", kPingPongs},
      {"throughline_handoff_returns_total",
       "Hand-overs to somebody who had owned the case before, after any number of others.", kReturns},
      {"throughline_remedies_granted_total", "Remedies that were granted.", kRemediesGranted},
      {"throughline_remedies_requested_total", "Remedies that a supervisor was asked for.", kRemediesRequested},
      {"throughline_remedies_approved_total", "Remedies that were granted by a supervisor who was asked.",
       kRemediesApproved},
      {"throughline_remedies_declined_total", "Remedies that a supervisor declined.", kRemediesDeclined},
      {"throughline_remedies_paid_total", "Remedies that were paid.", kRemediesPaid},
      {"throughline_remedy_payments_failed_total", "Payments of remedies that failed.", kPaymentsFailed},
      {"throughline_escalations_total", "Escalations of cases.", kEscalations},
      {"throughline_escalations_climbed_total", "Levels that escalations climbed unacknowledged.", kEscalationsClimbed},
      {"throughline_escalations_exhausted_total", "Escalations that nobody acknowledged up to the top.",
       kEscalationsExhausted},
  };
  definition->timer_gauges = {
      {"throughline_promises_overdue", "Promises past their due time that are not yet recorded as broken.",
       absl::StrCat(kCommitmentTimer, RulesOf(v1::COMMITMENT_KIND_PROMISE).name, "/")},
      {"throughline_commitments_overdue",
       "Commitments of any kind past their due time that are not yet recorded as broken.", kCommitmentTimer}};
  return definition;
}

std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config) {
  auto api = std::make_unique<server::Api>("throughline.ownership.v1.OwnershipService");
  AddReads(*api, streams, config);
  AddSearch(*api, streams, config);
  AddWorklist(*api, streams, config);
  AddWatchWorklist(*api, streams, config);
  AddCommands(*api, streams, config);
  AddHelp(*api, streams, config);
  AddEscalation(*api, streams, config);
  AddRemedies(*api, streams, config);
  AddPeople(*api, streams, config);
  return api;
}

}  // namespace throughline::ownership
