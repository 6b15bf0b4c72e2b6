// `throughline notice`: what is broken, and what customers are told about it.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::tool {
namespace {

namespace v1 = outage::v1;

std::string NextUpdate(const v1::NoticeView& notice, absl::Time now) {
  if (!notice.has_next_update_due()) return "";
  return ShowTime(notice.next_update_due(), now) + (notice.overdue() ? " OVERDUE" : "");
}

std::string ExpectedEnd(const v1::NoticeView& notice, absl::Time now) {
  if (notice.status() == v1::NOTICE_STATUS_RESOLVED) return "over since " + ShowTime(notice.resolved_at(), now);
  return notice.has_expected_end() ? ShowTime(notice.expected_end(), now) : "unknown";
}

std::string RenderNotices(const google::protobuf::RepeatedPtrField<v1::NoticeView>& notices, const Terminal& terminal,
                          absl::Time now) {
  Table table({{"NOTICE"},
               {"KIND"},
               {"STATUS"},
               {"COMPONENTS"},
               {"NEXT UPDATE"},
               {"EXPECTED END"},
               {"OWNER"},
               {"CASES", Column::kWhole, Column::kRight},
               {"TITLE", Column::kMayBeCut}});
  for (const auto& notice : notices) {
    const bool over = notice.status() == v1::NOTICE_STATUS_RESOLVED;
    table.Row({{notice.notice_id(), Style::kBold},
               {Word(notice.kind())},
               {Word(notice.status()), over ? Style::kGreen : Style::kYellow},
               {absl::StrJoin(notice.component_ids(), ",")},
               {NextUpdate(notice, now), notice.overdue() ? Style::kAlarm : Style::kPlain},
               {ExpectedEnd(notice, now)},
               {notice.owner()},
               {absl::StrCat(notice.linked_case_count())},
               {notice.title()}});
  }
  return table.Render(terminal);
}

void AddDefine(CLI::App& group, Tool& tool) {
  Verb<v1::DefineComponentRequest, v1::DefineComponentResponse> define(
      group, tool, "define", "Defines a component: something that customers use and that can fail.",
      "throughline --as sam notice define web-checkout --name 'Paying on the website' --owner ana");
  define.Argument("component_id", "The component, as you call it");
  define.Option("--name", "name", "What customers call it")->required();
  define.Option("--description", "description", "What it does for them");
  define.Option("--owner", "owner", "Who answers for it");
  define.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Defined component ", Clean(response.component_id()), "\n"));
  });
}

// What the words of --next-update mean.
template <typename Response>
std::string NextUpdate(const Response& response, absl::Time now) {
  if (!response.has_next_update_due()) return "";
  return absl::StrCat(" ; next update ", ShowTime(response.next_update_due(), now));
}

void AddPublish(CLI::App& group, Tool& tool) {
  Verb<v1::PublishNoticeRequest, v1::PublishNoticeResponse> publish(
      group, tool, "publish", "Publishes a notice. It must say when the next update comes.",
      "throughline notice publish --kind outage --component web-checkout --title 'Paying fails' \\\n"
      "    --what 'The page stays white after the last step' --next-update +1h --workaround 'Order by phone'\n"
      "throughline notice publish --kind change --component returns --title 'New returns desk' --what '...' \\\n"
      "    --next-update +7d --reason 'the old one closes' --customer-option 'send it by post'");
  publish.Option("--kind", "kind", "What kind of notice")->required();
  publish.List("--component", "component_ids", "What is hit, once per component")->required();
  publish.Option("--title", "title", "One line for customers")->required();
  publish.Option("--what", "description", "What does not work, or what changes, in customers' words")->required();
  publish.Due("--next-update", "next_update_due", "By when customers hear more")->required();
  publish.Option("--since", "since", "Since when (default: now)");
  publish.Option("--expected-end", "expected_end", "When it is expected to end (default: unknown)");
  publish.Option("--workaround", "workaround", "What customers can do until then");
  publish.Option("--reason", "reason", "Why; required for a change");
  publish.Option("--customer-option", "customer_options", "What customers may do about it; once per option");
  publish.Option("--owner", "owner", "Who owns the notice (default: you)");
  publish.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Published notice ", Clean(response.notice_id()), NextUpdate(response, out.now()), "\n"));
  });
}

void AddFollowUps(CLI::App& group, Tool& tool) {
  Verb<v1::UpdateNoticeRequest, v1::UpdateNoticeResponse> update(
      group, tool, "update", "Tells customers more, and by when they hear again.",
      "throughline notice update NOTICE --text 'We found it' --next-update +30m --expected-end +2h");
  update.Argument("notice_id", "The notice");
  update.Option("--text", "text", "What customers are told")->required();
  update.Due("--next-update", "next_update_due", "By when they hear more")->required();
  update.Option("--expected-end", "expected_end",
                "When it is expected to end (default: unknown, even if a time was given before)");
  update.Option("--workaround", "workaround", "What customers can do until then (default: as before)");
  update.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Updated notice ", Clean(response.notice_id()), NextUpdate(response, out.now()), "\n"));
  });

  Verb<v1::ResolveNoticeRequest, v1::ResolveNoticeResponse> resolve(
      group, tool, "resolve", "Says that it is over. Owners of linked cases are asked to confirm with their customers.",
      "throughline notice resolve NOTICE --text 'Paying works again'");
  resolve.Argument("notice_id", "The notice");
  resolve.Option("--text", "text", "What customers are told")->required();
  resolve.Option("--at", "resolved_at", "Since when it is over (default: now)");
  resolve.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Resolved notice ", Clean(response.notice_id()), "\n"));
  });

  Verb<v1::ReassignNoticeRequest, v1::ReassignNoticeResponse> reassign(
      group, tool, "reassign", "Makes another person the owner of an active notice. For supervisors.",
      "throughline --as sam notice reassign NOTICE ana --reason 'end of shift'");
  reassign.Argument("notice_id", "The notice");
  reassign.Argument("to", "Who owns it from now on");
  reassign.Option("--reason", "reason", "Why")->required();
  reassign.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat(Clean(request.to()), " owns notice ", Clean(response.notice_id()), " now.\n"));
  });
}

void AddReads(CLI::App& group, Tool& tool) {
  Verb<v1::CheckComponentRequest, v1::CheckComponentResponse> check(
      group, tool, "check", "Whether a component works now, as a website asks before it shows a form.",
      "throughline --as webshop notice check web-checkout\n"
      "throughline notice check web-checkout --json | jq .operational");
  check.Argument("component_id", "The component");
  check.Prints([](Tool& out, const auto&, const auto& response) {
    const Style style = response.operational() ? Style::kGreen : Style::kAlarm;
    std::string text = absl::StrCat(Clean(response.component().component_id()), "  ",
                                    Paint(out.terminal(), style, response.operational() ? "WORKS" : "DOES NOT WORK"),
                                    "  ", Clean(response.component().name()), "\n");
    for (const auto& notice : response.notices()) absl::StrAppend(&text, "  ", Clean(notice.current_text()), "\n");
    if (response.notices_size() > 0) text += RenderNotices(response.notices(), out.terminal(), out.now());
    out.Print(text);
  });

  Verb<v1::ListNoticesRequest, v1::ListNoticesResponse> list(
      group, tool, "list", "Notices, newest first.",
      "throughline notice list --status active\nthroughline notice list --overdue");
  list.Option("--component", "component_id", "Only about this component");
  list.Option("--status", "status", "Only in this status");
  list.Option("--kind", "kind", "Only of this kind");
  list.Option("--overdue", "overdue", "Only those whose next update is overdue");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(response.notices().empty() ? "No notices.\n"
                                         : RenderNotices(response.notices(), out.terminal(), out.now()));
  });

  WatchVerb<v1::WatchNoticesRequest, v1::WatchNoticesResponse> watch(
      group, tool, "watch", "Shows every active notice, and each again whenever it changes, until interrupted.",
      "throughline notice watch --component web-checkout");
  watch.List("--component", "component_ids", "Only about these, once per component");
  watch.Prints([](Tool& out, const auto& response) {
    const auto& notice = response.notice();
    const absl::Time now = absl::Now();
    std::string text = absl::StrCat(Paint(out.terminal(), Style::kDim, ShowClock(now)), "  ", Clean(notice.notice_id()),
                                    "  ", Word(notice.kind()), " ", Word(notice.status()), "  ", Clean(notice.title()),
                                    ": ", Clean(notice.current_text()));
    if (const std::string next = NextUpdate(notice, now); !next.empty()) {
      const Style style = notice.overdue() ? Style::kAlarm : Style::kPlain;
      absl::StrAppend(&text, "  next update ", Paint(out.terminal(), style, next));
    }
    return out.Print(absl::StrCat(text, "  expected end: ", ExpectedEnd(notice, now), "\n"));
  });
}

}  // namespace

void AddNotice(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "notice", "Notices: what is broken, since when, until when, and what to do");
  AddDefine(group, tool);
  AddPublish(group, tool);
  AddFollowUps(group, tool);
  AddReads(group, tool);
}

}  // namespace throughline::tool
