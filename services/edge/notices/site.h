#pragma once

// Everything that the public is shown of the notices, from what the edge knows: pages, Statuspage's JSON, feeds, the
// widget and the badge. Each is made when it is asked for first, and kept; a change makes another site.
//
//   const Site site(known, options);
//   if (auto found = site.Find("/notices", "")) ... found->document ...
//
// Any thread.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "services/edge/notices/known.h"
#include "services/edge/notices/status.h"
#include "services/edge/pages/document.h"

namespace throughline::edge::notices {

struct SiteOptions {
  std::string title = "Service status";  // whose it is
  std::string url;                       // where the public reaches it, as https://status.example: for feeds
};

class Site {
 public:
  // What it is for: decides on headers.
  enum class Kind { kPage, kWidget, kData };
  struct Found {
    std::shared_ptr<const pages::Document> document;
    Kind kind;
  };

  Site(Known known, const SiteOptions& options);

  // Absent: there is nothing there. `query` may name a component, for feeds.
  std::optional<Found> Find(std::string_view path, std::string_view query) const ABSL_LOCKS_EXCLUDED(mutex_);

  const Known& known() const { return known_; }
  const SiteOptions& options() const { return options_; }
  const std::string& state() const { return state_; }  // see StateOf
  const std::map<std::string, ComponentStatus>& components() const { return components_; }
  Indicator all() const { return all_; }

 private:
  std::optional<Found> Make(std::string_view path, const std::string& component) const;

  const Known known_;
  const SiteOptions options_;
  const std::string state_;
  const std::map<std::string, ComponentStatus> components_;
  const Indicator all_;
  mutable absl::Mutex mutex_;
  mutable std::map<std::string, Found, std::less<>> made_ ABSL_GUARDED_BY(mutex_);  // by path and component
};

}  // namespace throughline::edge::notices
