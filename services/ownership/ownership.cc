#include "services/ownership/ownership.h"

#include "absl/strings/str_cat.h"

#include "services/ownership/api/api.h"
#include "services/ownership/domain/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/person.h"
#include "services/ownership/history/history.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/case_projection.h"
#include "services/ownership/projections/tables.h"
#include "services/ownership/projections/worklist_items.h"
#include "services/ownership/reactors/confirmation.h"
#include "services/ownership/reactors/deadlines.h"
#include "services/ownership/reactors/merge.h"
#include "services/ownership/reactors/people.h"
#include "services/ownership/reactors/waiting_cases.h"
#include "services/ownership/reactors/words.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/intake/v1/matter.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/availability.pb.h"

namespace throughline::ownership {
namespace {

using log::Topic;
using runtime::CounterGauge;
using runtime::StreamType;

}  // namespace

std::unique_ptr<runtime::Definition> Define(const Config& config) {
  auto definition = std::make_unique<runtime::Definition>();
  definition->topic = Topic::kOwnership;
  definition->folds = {Topic::kIntake, Topic::kOwnership, Topic::kOutageNotice};
  definition->layout = "ownership-12";
  definition->resident = RosterTables();
  definition->negative_lookups = kViews.first_byte();
  definition->types.Add(StreamType::Own<Ownership>(Topic::kOwnership));
  definition->types.Add(StreamType::Own<Person>(Topic::kOwnership));
  // How people were known before they had a stream of their own.
  definition->types.Add(StreamType::Foreign<v1::AvailabilityEvent>(Topic::kOwnership, "availability"));
  definition->types.Add(StreamType::Foreign<intake::v1::CaseEvent>(Topic::kIntake, "case"));
  definition->types.Add(StreamType::Foreign<intake::v1::MatterEvent>(Topic::kIntake, "matter"));
  definition->types.Add(StreamType::Foreign<intake::v1::SuggestionEvent>(Topic::kIntake, "suggestion"));
  definition->types.Add(StreamType::Foreign<intake::v1::ImprovementEvent>(Topic::kIntake, "improvement"));
  definition->types.Add(StreamType::Foreign<outage::v1::ComponentEvent>(Topic::kOutageNotice, "component"));
  definition->types.Add(StreamType::Foreign<outage::v1::NoticeEvent>(Topic::kOutageNotice, "notice"));
  definition->projections.push_back(std::make_unique<CaseProjection>());
  definition->projections.push_back(std::make_unique<CaseHistory>());
  definition->projections.push_back(std::make_unique<PeopleProjection>());
  definition->projections.push_back(std::make_unique<ResolvedNotices>());
  definition->projections.push_back(std::make_unique<NoticeItems>());
  definition->projections.push_back(std::make_unique<LearningItems>());
  definition->projections.push_back(std::make_unique<SetAsideItems>());
  definition->reactors.push_back(std::make_unique<ConfirmationReactor>());
  definition->reactors.push_back(std::make_unique<WordsReactor>(config.periods));
  definition->reactors.push_back(std::make_unique<MergeReactor>(config.periods));
  definition->reactors.push_back(std::make_unique<MeetPeople>());
  definition->reactors.push_back(std::make_unique<RelievePeople>(config));
  definition->reactors.push_back(std::make_unique<AssignWaitingCases>());
  definition->timers = std::make_unique<Deadlines>(config);
  definition->gauges = {
      CounterGauge("throughline_promises_open", "Promises that are neither kept nor broken yet.", kPromisesOpen),
      CounterGauge("throughline_promises_kept", "Promises that were kept in time, ever.", kPromisesKept),
      CounterGauge("throughline_promises_broken", "Promises whose due time passed unkept, ever.", kPromisesBroken),
      CounterGauge("throughline_commitments_open", "Commitments of any kind that are open.", kCommitmentsOpen),
      CounterGauge("throughline_commitments_broken", "Commitments other than promises that were broken, ever.",
                   kCommitmentsBroken),
      CounterGauge("throughline_help_requested", "Requests for help about a case, ever.", kHelpRequested),
      CounterGauge("throughline_help_given", "Requests for help that were met in time, ever.", kHelpGiven),
      CounterGauge("throughline_help_returned", "Requests for help that were handed back with a reason, ever.",
                   kHelpReturned),
      CounterGauge("throughline_help_returned_unanswered",
                   "Requests for help that were neither met nor handed back in time and went back by themselves, ever.",
                   kHelpUnanswered),
      CounterGauge("throughline_customers_waiting", "Cases in which the customer waits for an answer.", kUnanswered),
      CounterGauge("throughline_confirmations_taken_back",
                   "Proposed or confirmed resolutions after which the customer spoke again, ever.",
                   kConfirmationsTakenBack),
      CounterGauge("throughline_cases_closed_confirmed", "Closed cases that the customer confirmed as solved.",
                   kClosedConfirmed),
      CounterGauge("throughline_cases_closed_unconfirmed",
                   "Closed cases that the customer has not confirmed as solved.", kClosedUnconfirmed),
      CounterGauge("throughline_case_reopenings", "Reopenings of cases, ever.", kReopenings),
      CounterGauge("throughline_cases_waiting_for_rep",
                   "Open cases that nobody took: their owner looks after them until a rep is free.", kCasesWaiting),
      CounterGauge("throughline_handoffs_open", "Offers of a hand-over that are open.", kHandoffsOpen),
      CounterGauge("throughline_handoff_ping_pongs", "Hand-overs that went straight back (A, B, A), ever.", kPingPongs),
      CounterGauge("throughline_handoff_returns",
                   "Hand-overs to somebody who had owned the case before, after any number of others, ever.", kReturns),
      CounterGauge("throughline_escalations_open", "Escalations that are not settled.", kEscalationsOpen),
      CounterGauge("throughline_escalations", "Escalations of cases, ever.", kEscalations),
      CounterGauge("throughline_escalations_climbed", "Levels that escalations climbed unacknowledged, ever.",
                   kEscalationsClimbed),
      CounterGauge("throughline_escalations_exhausted", "Escalations that nobody acknowledged up to the top, ever.",
                   kEscalationsExhausted),
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
  AddWorklist(*api, streams, config);
  AddWatchWorklist(*api, streams, config);
  AddCommands(*api, streams, config);
  AddHelp(*api, streams);
  AddEscalation(*api, streams, config);
  AddPeople(*api, streams, config);
  return api;
}

}  // namespace throughline::ownership
