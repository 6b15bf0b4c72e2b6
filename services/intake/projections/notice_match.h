#pragma once

// Which active notices are about a case: those about one of its components, in its region, that have begun; and for a
// case that names no component, those whose keywords stand in the customer's words. Any thread.

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "libs/store/key_value.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/rows.pb.h"

namespace throughline::intake {

struct NoticeMatches {
  std::vector<std::string> notice_ids;           // all
  std::vector<std::string> notice_ids_by_words;  // those that were found by words
};

// For a case that is about to be opened.
NoticeMatches MatchNotices(const store::KeyValue& reader, const v1::OpenCaseRequest& request, absl::Time now);

// Whether the notice can be why somebody in that region came at that time. A change or maintenance has begun by then; a
// fault is met before anybody publishes it. `until`: when the notice was known to be over, if it is.
bool MayBeAbout(const v1::NoticeRow& notice, const std::string& region, absl::Time came);

}  // namespace throughline::intake
