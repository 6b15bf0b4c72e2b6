#pragma once

// One notice on a page: fills notice.html. Pure; any thread.

#include <string>
#include <string_view>

#include "services/edge/notices/known.h"
#include "services/edge/pages/values.h"

namespace throughline::edge::notices {

// How much of a notice is shown; the rest is on its own page.
struct Detail {
  size_t text_bytes = 1 << 20;  // of each text
  int updates = 1000;           // earlier ones
  bool records = true;          // corrections, and what was said about its end before
  bool alone = false;           // it is the page, and its title the heading
};

std::string PathOf(const outage::v1::NoticeView& notice);

// `values` get the texts of the notice.
void FillArticle(const Known& known, const outage::v1::NoticeView& notice, const Detail& detail, pages::Values& values);

// NAME: for people; NAME_AT: for programs.
void SetTime(pages::Values& values, std::string_view name, absl::Time time);

// At most so many bytes, with an ellipsis if it was longer; never a part of a character.
std::string Shortened(std::string_view text, size_t bytes);

}  // namespace throughline::edge::notices
