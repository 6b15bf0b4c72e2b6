#pragma once

// What a service is, to the runtime: its topic, the topics that it folds, its streams, and what it makes of commits.
//
//   Definition definition;
//   definition.topic = log::Topic::kIntake;
//   definition.folds = {log::Topic::kIntake, log::Topic::kOwnership};
//   definition.layout = "intake-1";                                  // change it with any table of the service
//   definition.types.Add(StreamType::Own<Case>(log::Topic::kIntake));
//   definition.projections.push_back(std::make_unique<CaseProjection>());

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/fold/projection.h"
#include "libs/runtime/fold/stream_type.h"
#include "libs/runtime/reactions/reactor.h"

namespace throughline::runtime {

// A number about the domain, for dashboards: read from counters (Counted) and cheap rows, about once a second.
struct DomainGauge {
  std::string name;  // throughline_…, by Prometheus' conventions
  std::string help;
  std::function<double(const store::KeyValue& reader, absl::Time now)> value;
};

// Of the counter `counter`, see Counted.
DomainGauge CounterGauge(std::string name, std::string help, std::string counter);

// How often something has happened, ever: the counter `counter` (Counted), which projections only add to. It is shown
// from when the service has caught up on: so neither a restart nor a rebuild makes it smaller than it was before.
struct DomainCounter {
  std::string name;  // throughline_…_total, by Prometheus' conventions
  std::string help;
  std::string counter;
};

// How many of the timers whose names begin with `timer` are past their time and still there; counted up to
// TimerIndex::kWindow.
struct TimerGauge {
  std::string name;  // as DomainGauge's
  std::string help;
  std::string timer;
};

// As DomainGauge, with a value for each of a few known labels. A label that was shown once stays.
struct LabelledGauge {
  std::string name;
  std::string help;
  std::string label;
  std::function<std::vector<std::pair<std::string, double>>(const store::KeyValue& reader)> values;
};

struct Definition {
  log::Topic topic = log::Topic::kIntake;
  std::vector<log::Topic> folds;  // its own included
  std::string layout;
  StreamTypes types;  // every kind that can stand in a folded topic, read or left unread
  std::vector<std::unique_ptr<Projection>> projections;
  std::vector<std::unique_ptr<Reactor>> reactors;
  std::unique_ptr<TimerHandler> timers;  // may be null
  std::vector<DomainGauge> gauges;
  std::vector<DomainCounter> counters;
  std::vector<TimerGauge> timer_gauges;
  std::vector<LabelledGauge> labelled_gauges;
  // Table::first_byte of each table that is small, often read and seldom changed: these are kept in memory as well.
  std::string resident;
  // Table::first_byte of each table in which projections nearly always look for rows that are not there yet: a rebuild
  // is faster when it need not search for them.
  std::string negative_lookups;
};

// Names the layout of its store: the runtime's tables, the service's, and the kinds that it leaves unread, since a
// store has nothing of these: "runtime-4/intake-1-shipment".
std::string StoreLayout(const Definition& definition);

}  // namespace throughline::runtime
