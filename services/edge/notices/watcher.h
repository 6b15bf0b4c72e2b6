#pragma once

// Asks the services once a second what the public is shown, one call at a time, and has the present site. So however
// many people look, nothing behind the edge is asked more often; and while nobody answers, the last site is shown,
// which says how old it is.
//
//   Watcher watcher(forwarder, options, registry);
//   std::shared_ptr<const Site> site = watcher.site();     // null: nothing was ever read
//
// Any thread. One thread of its own, "notices".

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/registry.h"

#include "libs/client/forward.h"
#include "services/edge/notices/live.h"
#include "services/edge/notices/probe.h"
#include "services/edge/notices/site.h"

namespace throughline::edge::notices {

struct Options {
  // The credential with which the edge reads, of the role reader; read again for each call. Empty: there are no pages.
  std::string token_file;
  SiteOptions site;
  int live = 512;                            // pages that are told of changes at the same time
  absl::Duration poll = absl::Seconds(1);    // from one call to the next
  absl::Duration answer = absl::Seconds(5);  // for an answer
  absl::Duration fresh = absl::Seconds(10);  // an answer older than this is told to be old
};

class Watcher {
 public:
  // `forwarder` and `probe` must outlive it.
  Watcher(const client::Forwarder& forwarder, Options options, NoticesProbe& probe);
  ~Watcher();

  std::shared_ptr<const Site> site() const ABSL_LOCKS_EXCLUDED(mutex_);
  Live& live() { return *live_; }

  // Asks no more: what is behind the forwarder may go away now. What was read stays. One thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  // Waits for the answer; nothing if the watcher is to stop.
  std::optional<client::Reply> Ask();
  void Take(const client::Reply& reply);
  // Makes another site, if something else is to be shown.
  void Show();
  // False: the watcher is to stop.
  bool Wait(absl::Duration time);
  void Complain(const std::string& why);

  const client::Forwarder& forwarder_;
  const Options options_;
  NoticesProbe& probe_;
  const std::shared_ptr<Live> live_;
  // Of its thread.
  std::optional<outage::v1::GetStatusPageResponse> page_;
  absl::Time answered_;
  absl::Time kept_alive_;
  std::string complaint_;
  mutable absl::Mutex mutex_;
  bool stops_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const Site> site_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses the others
};

}  // namespace throughline::edge::notices
