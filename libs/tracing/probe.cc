#include "libs/tracing/probe.h"

namespace throughline::tracing {

Probe::Probe(prometheus::Registry& registry)
    : exported_(prometheus::BuildCounter()
                    .Name("throughline_spans_exported_total")
                    .Help("Spans of traces that the collector took.")
                    .Register(registry)
                    .Add({})),
      dropped_(prometheus::BuildCounter()
                   .Name("throughline_spans_dropped_total")
                   .Help("Spans of traces that were dropped: the queue was full, or the collector did not take them.")
                   .Register(registry)),
      queue_full_(dropped_.Add({{"reason", "queue_full"}})),
      not_taken_(dropped_.Add({{"reason", "not_taken"}})) {}

}  // namespace throughline::tracing
