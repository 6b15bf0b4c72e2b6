#pragma once

// The outage-notice service: what is broken, who is affected, and when it will end. See README.md.
//
//   auto host = runtime::Host::Start(outage::Define(config), log, ...);
//   auto api = outage::MakeApi((*host)->streams(), config);

#include <memory>
#include <string>

#include "libs/calendar/calendars.h"
#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/outage-notice/delivery/config.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/suspicion/arrivals.h"

namespace throughline::outage {

struct Config {
  // How many components one WatchNotices may name.
  int max_components = 50;
  // Stands above those whom no supervisor stands above. Empty: nobody.
  std::string fallback_owner = "sam";
  // What due times in words count by.
  calendar::Calendars calendars = {};
  // Between which times a notice may lie.
  NoticeLimits limits = {};
  // When an outage is suspected.
  SuspicionRules suspicion = {};
  // What is sent to subscribers.
  DeliveryConfig delivery = {};
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` belongs to an engine with that definition and must outlive the api.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

// Sends what is due to subscribers, until it is destroyed; `streams` must outlive it and answer until then. Null: the
// installation sends nothing.
std::shared_ptr<void> StartSending(runtime::Streams& streams, const Config& config);

}  // namespace throughline::outage
