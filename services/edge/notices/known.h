#pragma once

// What the edge knows of the notices, and how old it is. What it shows depends on nothing else, so replicas of the edge
// that know the same show the same.
//
// Pure; any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "throughline/outage/v1/queries.pb.h"

namespace throughline::edge::notices {

struct Known {
  outage::v1::GetStatusPageResponse page;
  absl::Time at;                          // of what is shown: when it was shown first, or when it is looked at
  std::optional<absl::Time> stale_since;  // when the services last answered; absent: a moment ago

  const outage::v1::NoticeView* Find(const std::string& notice_id) const;
  // The component's name; its id if it is not defined.
  std::string NameOf(const std::string& component_id) const;
  // When something was last said, or 1970.
  absl::Time LastChange() const;
};

// When something was last said about it.
absl::Time LastChangeOf(const outage::v1::NoticeView& notice);
// The next update was promised, and is not there.
bool IsOverdue(const outage::v1::NoticeView& notice, absl::Time now);

// Names what is shown of that: the same on every replica. Changes with the page, when a time passes by which something
// was promised, and each minute while it is stale.
std::string StateOf(const Known& known);

}  // namespace throughline::edge::notices
