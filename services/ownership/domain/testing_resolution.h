#pragma once

// Shorthands for the tests of resolutions: what happened to case c1, as text.

namespace throughline::ownership::testing {

inline constexpr char kProposed[] = R"pb(resolution_proposed { by: "ana" text: "new valve" })pb";
inline constexpr char kConfirmed[] = R"pb(resolution_confirmed {
                                            by: "ana"
                                            evidence: "kim: it is warm"
                                            method: ANSWER_METHOD_RECORDED
                                            last_interaction_seen: "c1"
                                          })pb";
inline constexpr char kClosed[] = R"pb(closed { by: "ana" resolution_code: RESOLUTION_CODE_CONFIRMED })pb";

}  // namespace throughline::ownership::testing
