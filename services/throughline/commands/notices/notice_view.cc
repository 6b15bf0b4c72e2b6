#include "services/throughline/commands/notices/notice_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/time.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"

namespace throughline::tool {
namespace {

void AddLine(std::string& text, absl::string_view name, const std::string& value) {
  if (!value.empty())
    absl::StrAppend(&text, "  ", name, std::string(name.size() < 15 ? 15 - name.size() : 1, ' '), value, "\n");
}

std::string ScopeOf(const outage::v1::NoticeScope& scope) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view what, const auto& hit) {
    if (!hit.empty()) parts.push_back(absl::StrCat(what, " ", Clean(absl::StrJoin(hit, ", "))));
  };
  add("regions", scope.regions());
  add("channels", scope.channels());
  add("products", scope.products());
  add("customer groups", scope.customer_groups());
  return absl::StrJoin(parts, "; ");
}

// `2h 5m later`, `10m earlier`.
std::string Off(const google::protobuf::Duration& error) {
  const absl::Duration off = absl::Seconds(error.seconds()) + absl::Nanoseconds(error.nanos());
  const absl::Duration minutes = absl::Trunc(absl::AbsDuration(off), absl::Minutes(1));
  if (minutes == absl::ZeroDuration()) return "to the minute";
  return absl::StrCat(absl::FormatDuration(minutes), off > absl::ZeroDuration() ? " later" : " earlier");
}

std::string EndsOf(const outage::v1::NoticeView& notice, absl::Time now) {
  std::string text;
  for (const outage::v1::ExpectedEndView& end : notice.expected_ends()) {
    absl::StrAppend(&text, "    ", ShowTime(end.at(), now), "  ",
                    end.has_expected_end() ? ShowTime(end.expected_end(), now) : "unknown", "\n");
  }
  if (notice.expected_end_score().has_first_error()) {
    absl::StrAppend(&text, "    it ended ", Off(notice.expected_end_score().first_error()),
                    " than the first time that was given, ", Off(notice.expected_end_score().last_error()),
                    " than the last one; ", notice.expected_end_score().revision_count(), " revisions\n");
  }
  return text;
}

std::string CorrectionsOf(const outage::v1::NoticeView& notice, absl::Time now) {
  std::string text;
  for (const outage::v1::NoticeCorrectionView& correction : notice.corrections()) {
    absl::StrAppend(&text, "    ", ShowTime(correction.at(), now), "  ", Clean(correction.by()), ": ",
                    Clean(correction.reason()), "\n");
    for (const auto& change : correction.changes()) {
      absl::StrAppend(&text, "      ", change.field(), ": `", Clean(change.was()), "` is `", Clean(change.is()), "`\n");
    }
  }
  return text;
}

std::string LearnedOf(const outage::v1::PostmortemView& postmortem, absl::Time now) {
  std::string text = absl::StrCat("    ", Clean(postmortem.text()), "\n");
  for (const outage::v1::FollowUpView& follow_up : postmortem.follow_ups()) {
    const bool open = follow_up.outcome() == ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED;
    absl::StrAppend(
        &text, "    ", follow_up.follow_up_id(), "  ", Clean(follow_up.team()), ", ", Clean(follow_up.owed_by()), "  ",
        open ? absl::StrCat("by ", ShowTime(follow_up.due(), now)) : Word(follow_up.outcome()), "  ",
        Clean(follow_up.text()), follow_up.evidence().empty() ? "" : ": ", Clean(follow_up.evidence()), "\n");
  }
  return text;
}

}  // namespace

std::string NextUpdateOf(const outage::v1::NoticeView& notice, absl::Time now) {
  if (!notice.has_next_update_due()) return "";
  return ShowTime(notice.next_update_due(), now) + (notice.overdue() ? " OVERDUE" : "");
}

std::string ExpectedEnd(const outage::v1::NoticeView& notice, absl::Time now) {
  if (notice.status() == outage::v1::NOTICE_STATUS_RESOLVED) return "over since " + ShowTime(notice.resolved_at(), now);
  return notice.has_expected_end() ? ShowTime(notice.expected_end(), now) : "unknown";
}

std::string StageOf(const outage::v1::NoticeView& notice) {
  return notice.stage() == outage::v1::NOTICE_STAGE_UNSPECIFIED ? Word(notice.status()) : Word(notice.stage());
}

std::string RenderNotices(const google::protobuf::RepeatedPtrField<outage::v1::NoticeView>& notices,
                          const Terminal& terminal, absl::Time now) {
  Table table({{"NOTICE"},
               {"KIND"},
               {"STAGE"},
               {"COMPONENTS"},
               {"NEXT UPDATE"},
               {"EXPECTED END"},
               {"OWNER"},
               {"CASES", Column::kWhole, Column::kRight},
               {"CUSTOMERS", Column::kWhole, Column::kRight},
               {"TITLE", Column::kMayBeCut}});
  for (const auto& notice : notices) {
    const bool over = notice.status() == outage::v1::NOTICE_STATUS_RESOLVED;
    table.Row({{notice.notice_id(), Style::kBold},
               {Word(notice.kind())},
               {StageOf(notice), over ? Style::kGreen : Style::kYellow},
               {absl::StrJoin(notice.component_ids(), ",")},
               {NextUpdateOf(notice, now), notice.overdue() ? Style::kAlarm : Style::kPlain},
               {ExpectedEnd(notice, now)},
               {notice.owner()},
               {absl::StrCat(notice.linked_case_count())},
               {absl::StrCat(notice.linked_customer_count())},
               {notice.title()}});
  }
  return table.Render(terminal);
}

std::string RenderNotice(const outage::v1::NoticeView& notice, const Terminal& terminal, absl::Time now) {
  std::string text =
      absl::StrCat(Clean(notice.notice_id()), "  ", Paint(terminal, Style::kBold, Clean(notice.title())), "\n");
  AddLine(text, "what",
          absl::StrCat(Word(notice.kind()), " ", StageOf(notice),
                       notice.impact() == outage::v1::NOTICE_IMPACT_UNSPECIFIED
                           ? ""
                           : absl::StrCat(", impact ", Word(notice.impact()))));
  AddLine(text, "components", Clean(absl::StrJoin(notice.component_ids(), ", ")));
  AddLine(text, "hits", ScopeOf(notice.scope()));
  AddLine(text, "since", ShowTime(notice.since(), now));
  AddLine(text, "now", Clean(notice.current_text()));
  AddLine(text, "what to do", Clean(notice.workaround()));
  AddLine(text, "why", Clean(notice.reason()));
  AddLine(text, "options", Clean(absl::StrJoin(notice.customer_options(), "; ")));
  AddLine(text, "next update", NextUpdateOf(notice, now));
  AddLine(text, "expected end", ExpectedEnd(notice, now));
  if (notice.has_valid_until()) AddLine(text, "holds until", ShowTime(notice.valid_until(), now));
  AddLine(text, "cause", Clean(notice.cause()));
  AddLine(text, "changed", Clean(notice.changed()));
  AddLine(text, "owner", Clean(notice.owner()));
  AddLine(text, "linked",
          absl::StrCat(notice.linked_case_count(), " cases of ", notice.linked_customer_count(), " customers"));
  if (notice.expected_ends_size() > 1 || notice.has_expected_end_score()) {
    absl::StrAppend(&text, "  what was said about its end\n", EndsOf(notice, now));
  }
  if (notice.corrections_size() > 0) absl::StrAppend(&text, "  corrections\n", CorrectionsOf(notice, now));
  if (notice.has_postmortem()) absl::StrAppend(&text, "  what was learned\n", LearnedOf(notice.postmortem(), now));
  return text;
}

std::string RenderCheck(const outage::v1::CheckComponentResponse& check, const Terminal& terminal, absl::Time now) {
  const bool well = check.operational() && !check.degraded();
  const char* state = well ? "WORKS" : check.operational() ? "MAY NOT WORK" : "DOES NOT WORK";
  std::string text = absl::StrCat(Clean(check.component().component_id()), "  ",
                                  Paint(terminal, well ? Style::kGreen : Style::kAlarm, state), "  ",
                                  Clean(check.component().name()), "\n");
  const auto say = [&](const outage::v1::NoticeView& notice) {
    absl::StrAppend(&text, "  ", Clean(notice.current_text()), "\n");
    if (!notice.workaround().empty()) absl::StrAppend(&text, "  What to do: ", Clean(notice.workaround()), "\n");
  };
  for (const outage::v1::NoticeView& notice : check.notices()) say(notice);
  for (const outage::v1::DependencyView& on : check.dependencies()) {
    absl::StrAppend(&text, "  It needs ", Clean(on.name().empty() ? on.component_id() : on.name()), ":\n");
    say(on.notice());
  }
  if (check.has_suspicion()) {
    absl::StrAppend(&text, "  An outage is suspected: ", check.suspicion().cases(), " cases came in, where ",
                    absl::StrFormat("%.1f", check.suspicion().usual()), " are usual. ",
                    Clean(check.suspicion().owner()), " looks at it.\n");
  }
  if (check.notices_size() > 0) text += RenderNotices(check.notices(), terminal, now);
  return text;
}

std::string RenderSuspicions(const google::protobuf::RepeatedPtrField<outage::v1::SuspicionView>& suspicions,
                             const Terminal& terminal, absl::Time now) {
  Table table({{"SUSPICION"},
               {"COMPONENT"},
               {"SINCE"},
               {"CASES", Column::kWhole, Column::kRight},
               {"USUAL", Column::kWhole, Column::kRight},
               {"WITHIN"},
               {"WHO LOOKS"},
               {"NAME", Column::kMayBeCut}});
  for (const outage::v1::SuspicionView& suspicion : suspicions) {
    table.Row({{suspicion.suspicion_id(), Style::kBold},
               {suspicion.component_id()},
               {ShowTime(suspicion.at(), now)},
               {absl::StrCat(suspicion.cases()), Style::kAlarm},
               {absl::StrFormat("%.1f", suspicion.usual())},
               {absl::StrCat(suspicion.window().seconds() / 60, " min")},
               {suspicion.owner()},
               {suspicion.component_name()}});
  }
  return table.Render(terminal);
}

}  // namespace throughline::tool
