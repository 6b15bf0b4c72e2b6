#include "services/intake/intake.h"

#include "services/intake/api/api.h"
#include "services/intake/domain/improvement.h"
#include "services/intake/domain/matter.h"
#include "services/intake/domain/suggestion.h"
#include "services/intake/projections/cases.h"
#include "services/intake/projections/learning.h"
#include "services/intake/projections/tables.h"
#include "services/intake/reactors/complete_openings.h"
#include "services/intake/reactors/learning.h"
#include "services/intake/reactors/link_notices.h"
#include "services/intake/reactors/order_alarms.h"
#include "services/ownership/people/people.h"
#include "throughline/outage/v1/component.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/person.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {
namespace {

using log::Topic;
using runtime::CounterGauge;
using runtime::StreamType;

}  // namespace

v1::RecurrencePolicy PolicyOf(const Config& config) {
  v1::RecurrencePolicy policy;
  policy.set_threshold(config.recurrence_threshold);
  policy.mutable_window()->set_seconds(absl::ToInt64Seconds(config.recurrence_window));
  policy.mutable_closing_window()->set_seconds(absl::ToInt64Seconds(config.improvement_measured_for));
  policy.set_closing_percent(config.improvement_closing_percent);
  policy.mutable_answer_within()->set_seconds(absl::ToInt64Seconds(config.improvement_answer_within));
  return policy;
}

std::unique_ptr<runtime::Definition> Define(const Config& config) {
  auto definition = std::make_unique<runtime::Definition>();
  definition->topic = Topic::kIntake;
  definition->folds = {Topic::kIntake, Topic::kOwnership, Topic::kOutageNotice, Topic::kSupplierTracking};
  definition->layout = "intake-9";
  definition->resident = ownership::RosterTables() + kActiveNotices.first_byte() + kComponents.first_byte();
  definition->negative_lookups = kStandings.first_byte();
  definition->types.Add(StreamType::Own<Case>(Topic::kIntake));
  definition->types.Add(StreamType::Own<Matter>(Topic::kIntake));
  definition->types.Add(StreamType::Own<Suggestion>(Topic::kIntake));
  definition->types.Add(StreamType::Own<Improvement>(Topic::kIntake));
  definition->types.Add(StreamType::Foreign<ownership::v1::OwnershipEvent>(Topic::kOwnership, "ownership"));
  definition->types.Add(StreamType::Foreign<ownership::v1::AvailabilityEvent>(Topic::kOwnership, "availability"));
  definition->types.Add(StreamType::Foreign<ownership::v1::PersonEvent>(Topic::kOwnership, "person"));
  definition->types.Add(StreamType::Foreign<outage::v1::ComponentEvent>(Topic::kOutageNotice, "component"));
  definition->types.Add(StreamType::Foreign<outage::v1::NoticeEvent>(Topic::kOutageNotice, "notice"));
  definition->types.Add(StreamType::Foreign<supplier::v1::OrderEvent>(Topic::kSupplierTracking, "order"));
  definition->types.LeaveUnread(Topic::kSupplierTracking, "shipment");
  definition->projections.push_back(std::make_unique<CasesProjection>());
  definition->projections.push_back(std::make_unique<CustomersProjection>());
  definition->projections.push_back(std::make_unique<RosterProjection>());
  definition->projections.push_back(std::make_unique<NoticesProjection>());
  definition->projections.push_back(std::make_unique<SuggestionsProjection>());
  definition->projections.push_back(std::make_unique<ImprovementsProjection>());
  definition->reactors.push_back(std::make_unique<LinkNotices>());
  definition->reactors.push_back(std::make_unique<CompleteOpenings>(config));
  definition->reactors.push_back(std::make_unique<OrderAlarms>(config));
  definition->reactors.push_back(std::make_unique<RaiseRecurring>(config));
  definition->reactors.push_back(std::make_unique<RelieveAnswerers>(config.fallback_owner));
  definition->timers = std::make_unique<AnswersDue>();
  definition->gauges = {
      CounterGauge("throughline_open_cases", "Cases that are not closed.", kOpenCases),
      CounterGauge("throughline_suggestions_open", "Suggestions that are not answered.", kSuggestionsOpen),
      CounterGauge("throughline_suggestions_overdue", "Suggestions that are not answered and overdue.",
                   kSuggestionsOverdue),
      CounterGauge("throughline_improvements_open", "Improvements that are not closed.", kImprovementsOpen),
      CounterGauge("throughline_improvements_overdue", "Improvements that owe a change and are overdue.",
                   kImprovementsOverdue),
      {"throughline_cases_without_owner",
       "Cases that are not closed and that no active rep or supervisor of ours owns; must be 0.",
       [](const store::KeyValue& reader, absl::Time) { return static_cast<double>(CasesWithoutOwner(reader)); }},
  };
  definition->counters = {
      {"throughline_suggestions_recorded_total", "Suggestions that were recorded.", kSuggestionsRecorded},
      {"throughline_suggestions_answered_total", "Suggestions that were answered.", kSuggestionsAnswered},
      {"throughline_suggestions_missed_total", "Suggestions that were not answered in time.", kSuggestionsMissed},
      {"throughline_improvements_opened_total", "Improvements that were opened.", kImprovementsOpened},
      {"throughline_improvements_closed_total", "Improvements that were closed.", kImprovementsClosed},
  };
  return definition;
}

std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config) {
  auto api = std::make_unique<server::Api>("throughline.intake.v1.IntakeService");
  AddOpenCase(*api, streams, config);
  AddCommands(*api, streams, config);
  AddReads(*api, streams, config);
  AddCustomer(*api, streams, config);
  AddSuggestions(*api, streams, config);
  AddImprovements(*api, streams, config);
  AddCheckMessage(*api, config, std::make_shared<runtime::ThreadExecutor>("check-message"));
  AddWatch(*api, streams, config);
  return api;
}

}  // namespace throughline::intake
