#include "services/outage-notice/delivery/content.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/time.h"

namespace throughline::outage {
namespace {

std::string ShowTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", runtime::FromProto(time), absl::UTCTimeZone());
}

// `NOTICE_STAGE_IN_PROGRESS`, without its prefix: "In progress".
std::string Words(absl::string_view name, absl::string_view prefix) {
  std::string words = absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
  words = absl::StrReplaceAll(words, {{"_", " "}});
  if (!words.empty()) words[0] = absl::ascii_toupper(static_cast<unsigned char>(words[0]));
  return words;
}

std::string StageOf(const v1::NoticeUpdateMessage& told) {
  return Words(v1::NoticeStage_Name(told.stage()), "NOTICE_STAGE_");
}

}  // namespace

std::string Headline(const v1::NoticeUpdateMessage& told) {
  const std::string what = told.news() == v1::NOTICE_NEWS_CORRECTED ? "Corrected" : StageOf(told);
  return absl::StrCat(what, ": ", told.title());
}

std::string Body(const v1::NoticeUpdateMessage& told) {
  std::string body = absl::StrCat(told.text(), "\n\n");
  const auto line = [&](absl::string_view name, absl::string_view what) {
    if (!what.empty()) absl::StrAppend(&body, name, ": ", what, "\n");
  };
  line("What", Words(v1::NoticeKind_Name(told.kind()), "NOTICE_KIND_"));
  line("How far", StageOf(told));
  if (told.impact() != v1::NOTICE_IMPACT_UNSPECIFIED) {
    line("Impact", Words(v1::NoticeImpact_Name(told.impact()), "NOTICE_IMPACT_"));
  }
  line("About", absl::StrJoin(told.component_ids(), ", "));
  line("Since", ShowTime(told.since()));
  const bool over = told.has_resolved_at();
  if (over) {
    line("Over since", ShowTime(told.resolved_at()));
  } else {
    line("Expected end", told.has_expected_end() ? ShowTime(told.expected_end()) : "unknown");
    if (told.has_next_update_due()) line("Next update by", ShowTime(told.next_update_due()));
    line("Until then", told.workaround());
  }
  line(told.news() == v1::NOTICE_NEWS_CORRECTED ? "What was wrong" : "Why", told.reason());
  for (const std::string& option : told.customer_options()) line("You may", option);
  return body;
}

std::string TypeOf(v1::NoticeNews news) {
  return absl::StrCat("notice.", absl::AsciiStrToLower(absl::StripPrefix(v1::NoticeNews_Name(news), "NOTICE_NEWS_")));
}

}  // namespace throughline::outage
