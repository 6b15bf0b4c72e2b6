#pragma once

// The public notices over HTTP: `/notices` and what belongs to it (README.md lists the addresses).
//
//   Notices notices(forwarder, options, registry);
//   if (notices.Handle(exchange)) return;
//
// Any thread.

#include <memory>

#include "prometheus/registry.h"

#include "libs/client/forward.h"
#include "services/edge/http/exchange.h"
#include "services/edge/notices/watcher.h"

namespace throughline::edge::notices {

class Notices {
 public:
  // Labels of the metrics.
  static constexpr char kRoute[] = "notices";
  static constexpr char kLiveRoute[] = "notices_live";
  static constexpr char kDataRoute[] = "notices_data";

  // `forwarder` and `registry` must outlive it.
  Notices(const client::Forwarder& forwarder, const Options& options, prometheus::Registry& registry);

  // False: the path is none of these; the exchange is as it was.
  bool Handle(const std::shared_ptr<http::Exchange>& exchange);

  // See Watcher::Stop.
  void Stop() { watcher_.Stop(); }

 private:
  void Answer(http::Exchange& exchange, const Site& site) const;
  void AnswerNothingKnown(http::Exchange& exchange) const;

  const Options options_;
  NoticesProbe probe_;
  Watcher watcher_;
};

}  // namespace throughline::edge::notices
