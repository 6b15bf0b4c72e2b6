#pragma once

// Notices for tests.

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "services/edge/notices/site.h"

namespace throughline::edge::notices::testing {

// 1 March 2026, 12:00 UTC.
inline absl::Time Noon() { return absl::FromUnixSeconds(1772366400); }

inline Known KnownOf(const std::string& text, absl::Time at = Noon()) {
  Known known{.at = at};
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &known.page)) << text;
  return known;
}

// What the hostile say: markup, attributes, XML, script addresses, line ends, other scripts.
inline constexpr char kHostile[] = "<script>alert(1)</script>\\\"'&<![CDATA[ ]]> javascript:alert(1) {{TITLE}} \\u4f60";

// A component of each kind, an outage with all that one can have, maintenance and a change to come, an old outage.
// `text` stands in every text.
inline std::string Everything(const std::string& text = "words") {
  std::string page = R"(
digest: "d1"
components { component_id: "checkout" name: "TEXT" description: "TEXT" group: "Website" depends_on_component_ids: "till" }
components { component_id: "search" name: "Search" group: "Website" }
components { component_id: "till" name: "Till" description: "TEXT" }
active {
  notice_id: "01N1" kind: NOTICE_KIND_OUTAGE status: NOTICE_STATUS_ACTIVE component_ids: "till" title: "TEXT"
  description: "TEXT" current_text: "TEXT" since { seconds: 1772362800 } published_at { seconds: 1772363000 }
  next_update_due { seconds: 1772370000 } workaround: "TEXT" reason: "TEXT" customer_options: "TEXT"
  expected_end { seconds: 1772373600 }
  stage: NOTICE_STAGE_IDENTIFIED published_stage: NOTICE_STAGE_INVESTIGATING impact: NOTICE_IMPACT_MAJOR
  scope { regions: "TEXT" channels: "TEXT" products: "TEXT" customer_groups: "TEXT" }
  updates { at { seconds: 1772364000 } text: "TEXT" stage: NOTICE_STAGE_INVESTIGATING }
  updates { at { seconds: 1772365000 } text: "TEXT" stage: NOTICE_STAGE_IDENTIFIED }
  expected_ends { at { seconds: 1772363000 } }
  expected_ends { at { seconds: 1772365000 } expected_end { seconds: 1772373600 } }
  corrections { at { seconds: 1772364500 } reason: "TEXT" changes { field: "title" was: "TEXT" is: "TEXT" }
                changes { field: "component_ids" was: "search" is: "till" } }
}
active {
  notice_id: "01N2" kind: NOTICE_KIND_MAINTENANCE status: NOTICE_STATUS_ACTIVE component_ids: "search" title: "TEXT"
  description: "TEXT" current_text: "TEXT" since { seconds: 1772452800 } published_at { seconds: 1772362000 }
  next_update_due { seconds: 1772460000 } expected_end { seconds: 1772460000 } stage: NOTICE_STAGE_SCHEDULED
  published_stage: NOTICE_STAGE_SCHEDULED expected_ends { at { seconds: 1772362000 } expected_end { seconds: 1772460000 } }
}
active {
  notice_id: "01N3" kind: NOTICE_KIND_CHANGE status: NOTICE_STATUS_ACTIVE component_ids: "checkout" title: "TEXT"
  description: "TEXT" current_text: "TEXT" since { seconds: 1772452800 } published_at { seconds: 1772361000 }
  next_update_due { seconds: 1772460000 } reason: "TEXT" customer_options: "TEXT" stage: NOTICE_STAGE_ANNOUNCED
  published_stage: NOTICE_STAGE_ANNOUNCED valid_until { seconds: 1775000000 }
}
over {
  notice_id: "01N0" kind: NOTICE_KIND_OUTAGE status: NOTICE_STATUS_RESOLVED component_ids: "search" title: "TEXT"
  description: "TEXT" current_text: "TEXT" since { seconds: 1772280000 } published_at { seconds: 1772280600 }
  resolved_at { seconds: 1772283600 } stage: NOTICE_STAGE_POSTMORTEM published_stage: NOTICE_STAGE_INVESTIGATING
  updates { at { seconds: 1772282000 } text: "TEXT" stage: NOTICE_STAGE_MONITORING }
  updates { at { seconds: 1772283700 } text: "TEXT" stage: NOTICE_STAGE_RESOLVED }
  cause: "TEXT" changed: "TEXT" expected_ends { at { seconds: 1772280600 } expected_end { seconds: 1772282400 } }
  expected_end_score { first_error { seconds: 1200 } last_error { seconds: 1200 } }
  postmortem { text: "TEXT" at { seconds: 1772290000 }
    follow_ups { follow_up_id: "f1" text: "TEXT" team: "care" due { seconds: 1773000000 } }
    follow_ups { follow_up_id: "f2" text: "TEXT" team: "care" due { seconds: 1773000000 }
                 outcome: COMMITMENT_OUTCOME_KEPT evidence: "TEXT" }
    follow_ups { follow_up_id: "f3" text: "TEXT" team: "care" due { seconds: 1772300000 }
                 outcome: COMMITMENT_OUTCOME_BROKEN } }
})";
  for (size_t at = 0; (at = page.find("TEXT", at)) != std::string::npos; at += text.size()) page.replace(at, 4, text);
  return page;
}

}  // namespace throughline::edge::notices::testing
