#pragma once

// Whether a case is about what a notice is about, as far as that shows in its words and in who is hit.
//
//   const Words words = WordsOf("The page stays white, I cannot PAY!");
//   Names(words, "white page")   // false: the words do not stand so
//   Names(words, "pay")          // true
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "throughline/outage/v1/notice.pb.h"

namespace throughline::outage {

using Words = std::vector<std::string>;

// The runs of letters and digits, in order, A to Z as a to z. A byte outside of ASCII counts as a letter.
Words WordsOf(std::string_view text);
// Whether the words of the keyword stand in `words`, one after the other.
bool Names(const Words& words, std::string_view keyword);

// Whether somebody in this region is hit, or may be. An empty region is not known.
bool HitsRegion(const v1::NoticeScope& scope, const std::string& region);
// The same for each part of a scope.
struct Asked {
  std::string region, channel, product, customer_group;
};
bool Hits(const v1::NoticeScope& scope, const Asked& asked);

}  // namespace throughline::outage
