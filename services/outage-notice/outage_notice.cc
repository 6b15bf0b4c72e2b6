#include "services/outage-notice/outage_notice.h"

#include "services/outage-notice/api/commands.h"
#include "services/outage-notice/api/queries.h"
#include "services/outage-notice/api/subscriptions.h"
#include "services/outage-notice/delivery/sender.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/domain/subscriber.h"
#include "services/outage-notice/projections/components.h"
#include "services/outage-notice/projections/linked_cases.h"
#include "services/outage-notice/projections/notices.h"
#include "services/outage-notice/projections/subscribers.h"
#include "services/outage-notice/projections/tables.h"
#include "services/outage-notice/reactors/relieve.h"
#include "services/outage-notice/reactors/suspect.h"
#include "services/outage-notice/reactors/tell_subscribers.h"
#include "services/outage-notice/timers/notice_timers.h"
#include "services/ownership/people/people.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::outage {
namespace {

using runtime::CounterGauge;
using runtime::StreamType;

}  // namespace

std::unique_ptr<runtime::Definition> Define(const Config& config) {
  auto definition = std::make_unique<runtime::Definition>();
  definition->topic = log::Topic::kOutageNotice;
  definition->folds = {log::Topic::kIntake, log::Topic::kOwnership, log::Topic::kOutageNotice};
  definition->layout = kLayout;
  definition->types.Add(StreamType::Own<Component>(log::Topic::kOutageNotice));
  definition->types.Add(StreamType::Own<Notice>(log::Topic::kOutageNotice));
  definition->types.Add(StreamType::Own<Subscriber>(log::Topic::kOutageNotice));
  definition->types.Add(StreamType::Foreign<intake::v1::CaseEvent>(log::Topic::kIntake, "case"));
  definition->types.LeaveUnread(log::Topic::kIntake, "matter");
  definition->types.LeaveUnread(log::Topic::kOwnership, "ownership");
  ownership::FoldPeople(*definition);
  definition->projections.push_back(std::make_unique<ComponentProjection>());
  definition->projections.push_back(std::make_unique<NoticeProjection>());
  definition->projections.push_back(std::make_unique<NewsProjection>());
  definition->projections.push_back(std::make_unique<SubscriberProjection>());
  definition->projections.push_back(std::make_unique<LinkedCaseProjection>());
  definition->reactors.push_back(std::make_unique<RelieveOwners>(config.fallback_owner));
  definition->reactors.push_back(std::make_unique<SuspectOutages>(config.suspicion, config.fallback_owner));
  definition->reactors.push_back(std::make_unique<TellSubscribers>());
  definition->timers = std::make_unique<NoticeTimers>(config.fallback_owner, config.delivery.outbox);
  definition->gauges.push_back(
      CounterGauge("throughline_notices_active", "Notices that are not resolved.", kNoticesActive));
  definition->gauges.push_back(
      CounterGauge("throughline_notices_overdue", "Active notices whose next update is overdue.", kNoticesOverdue));
  definition->gauges.push_back(CounterGauge(
      "throughline_outages_suspected", "Suspected outages that nobody has confirmed or dismissed.", kOutagesSuspected));
  definition->gauges.push_back(
      CounterGauge("throughline_subscribers", "Addresses that hear what customers are told.", kSubscribersConfirmed));
  definition->gauges.push_back(CounterGauge("throughline_deliveries_waiting",
                                            "Messages to subscribers that wait to be sent.", kDeliveriesWaiting));
  definition->gauges.push_back(CounterGauge(
      "throughline_dead_letters", "Messages to subscribers that were given up and not sent again.", kDeliveriesDead));
  definition->labelled_gauges.push_back({"throughline_webhook_secrets",
                                         "Secrets of webhooks, by the id of the signing key that they follow from.",
                                         "key", [lasting = IdOf(config.delivery.key)](const store::KeyValue& reader) {
                                           return SecretsOfKeys(reader, lasting);
                                         }});
  definition->counters.push_back(
      {"throughline_deliveries_sent_total", "Messages that were sent to subscribers.", kDeliveriesSent});
  definition->counters.push_back(
      {"throughline_deliveries_failed_total", "Attempts to send a message that failed.", kDeliveriesFailed});
  return definition;
}

std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config) {
  auto api = std::make_unique<server::Api>("throughline.outage.v1.OutageNoticeService");
  ServeCommands(*api, streams, config);
  ServeQueries(*api, streams, config.max_components);
  ServeSubscriptions(*api, streams, config);
  return api;
}

std::shared_ptr<void> StartSending(runtime::Streams& streams, const Config& config) {
  if (config.delivery.key == nullptr) return nullptr;
  return std::make_shared<Sender>(streams, config.delivery);
}

}  // namespace throughline::outage
