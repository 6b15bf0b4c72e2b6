// `throughline notice`: what is broken, and what customers are told about it.

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/notices/notice_view.h"
#include "services/throughline/commands/notices/subscribers.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::tool {
namespace {

// `TEAM, TIME, WHAT`.
absl::Status AddFollowUp(const std::string& text, outage::v1::PublishPostmortemRequest& request) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(',', 2));
  const auto bad = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("--follow-up: `", text, "` ", why));
  };
  if (parts.size() < 3) return bad("is not `TEAM, TIME, WHAT`, for instance `platform, +14d, an alert for the disk`");
  const std::string time(absl::StripAsciiWhitespace(parts[1]));
  const auto due = ParseTime(time, absl::Now());
  if (!due.ok()) return bad(due.status().message());
  outage::v1::FollowUp& follow_up = *request.add_follow_ups();
  follow_up.set_team(std::string(absl::StripAsciiWhitespace(parts[0])));
  *follow_up.mutable_due() = runtime::ToProto(*due);
  follow_up.set_text(std::string(absl::StripAsciiWhitespace(parts[2])));
  return absl::OkStatus();
}

void AddScope(VerbBase& verb) {
  verb.List("--region", "scope.regions", "Who is hit: in which regions (default: all)");
  verb.List("--channel", "scope.channels", "... on which channels (default: all)");
  verb.List("--product", "scope.products", "... with which products (default: all)");
  verb.List("--customer-group", "scope.customer_groups", "... which groups of customers (default: all)");
}

void AddDefine(CLI::App& group, Tool& tool) {
  Verb<outage::v1::DefineComponentRequest, outage::v1::DefineComponentResponse> define(
      group, tool, "define", "Defines a component: something that customers use and that can fail.",
      "throughline --as sam notice define web-checkout --name 'Paying on the website' --owner ana");
  define.Argument("component_id", "The component, as you call it");
  define.Option("--name", "name", "What customers call it")->required();
  define.Option("--description", "description", "What it does for them");
  define.Option("--owner", "owner", "Who answers for it");
  define.Option("--group", "group", "The group that it is shown in");
  define.List("--region", "regions", "Where it exists, once per region (default: everywhere)");
  define.List("--depends-on", "depends_on_component_ids", "Without what it does not work, once per component");
  define.Option("--keyword", "keywords", "A word or phrase by which customers name it; once per word");
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
  Verb<outage::v1::PublishNoticeRequest, outage::v1::PublishNoticeResponse> publish(
      group, tool, "publish", "Publishes a notice. It must say when the next update comes.",
      "throughline notice publish --kind outage --component web-checkout --title 'Paying fails' \\\n"
      "    --what 'The page stays white after the last step' --next-update +1h --expected-end-unknown \\\n"
      "    --workaround 'Order by phone'\n"
      "throughline notice publish --kind change --component returns --title 'New returns desk' --what '...' \\\n"
      "    --next-update +7d --reason 'the old one closes' --customer-option 'send it by post'");
  publish.Option("--kind", "kind", "What kind of notice")->required();
  publish.List("--component", "component_ids", "What is hit, once per component")->required();
  publish.Option("--title", "title", "One line for customers")->required();
  publish.Option("--what", "description", "What does not work, or what changes, in customers' words")->required();
  publish.Due("--next-update", "next_update_due", "By when customers hear more")->required();
  publish.Option("--since", "since", "Since when (default: now)");
  publish.Option("--expected-end", "expected_end", "When it is expected to end");
  publish.Option("--expected-end-unknown", "expected_end_unknown", "Nobody knows when it ends: tell customers so");
  publish.Option("--stage", "stage", "How far it is (default: the first stage of its kind)");
  publish.Option("--impact", "impact", "How bad it is");
  AddScope(publish);
  publish.Option("--valid-until", "valid_until", "Until when a change holds (default: until it is withdrawn)");
  publish.Option("--keyword", "keywords", "A word or phrase by which customers name it; once per word");
  publish.Option("--workaround", "workaround", "What customers can do until then");
  publish.Option("--reason", "reason", "Why; required for a change");
  publish.Option("--customer-option", "customer_options", "What customers may do about it; once per option");
  publish.Option("--owner", "owner", "Who owns the notice (default: you)");
  publish.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Published notice ", Clean(response.notice_id()), NextUpdate(response, out.now()), "\n"));
  });
}

void AddFollowUps(CLI::App& group, Tool& tool) {
  Verb<outage::v1::UpdateNoticeRequest, outage::v1::UpdateNoticeResponse> update(
      group, tool, "update", "Tells customers more, and by when they hear again.",
      "throughline notice update NOTICE --text 'We found it' --next-update +30m --expected-end +2h");
  update.Argument("notice_id", "The notice");
  update.Option("--text", "text", "What customers are told")->required();
  update.Due("--next-update", "next_update_due", "By when they hear more")->required();
  update.Option("--expected-end", "expected_end", "When it is expected to end, as known now");
  update.Option("--expected-end-unknown", "expected_end_unknown",
                "Nobody knows when it ends, whatever was given before");
  update.Option("--stage", "stage", "How far it is now (default: as before)");
  update.Option("--impact", "impact", "How bad it is now (default: as before)");
  update.Option("--workaround", "workaround", "What customers can do until then (default: as before)");
  update.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Updated notice ", Clean(response.notice_id()), NextUpdate(response, out.now()), "\n"));
  });

  Verb<outage::v1::ResolveNoticeRequest, outage::v1::ResolveNoticeResponse> resolve(
      group, tool, "resolve", "Says that it is over. Owners of linked cases are asked to confirm with their customers.",
      "throughline notice resolve NOTICE --text 'Paying works again' --cause 'A certificate had expired' \\\n"
      "    --changed 'It is renewed, and an alert tells a month before'");
  resolve.Argument("notice_id", "The notice");
  resolve.Option("--text", "text", "What customers are told")->required();
  resolve.Option("--cause", "cause", "What had caused it; required for an outage or a degradation");
  resolve.Option("--changed", "changed", "What was changed so that it works; required for these, too");
  resolve.Option("--at", "resolved_at", "Since when it is over (default: now)");
  resolve.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Resolved notice ", Clean(response.notice_id()), "\n"));
  });

  Verb<outage::v1::ReassignNoticeRequest, outage::v1::ReassignNoticeResponse> reassign(
      group, tool, "reassign", "Makes another person the owner of an active notice. For supervisors.",
      "throughline --as sam notice reassign NOTICE ana --reason 'end of shift'");
  reassign.Argument("notice_id", "The notice");
  reassign.Argument("to", "Who owns it from now on");
  reassign.Option("--reason", "reason", "Why")->required();
  reassign.Prints([](Tool& out, const auto& request, const auto& response) {
    out.Print(absl::StrCat(Clean(request.to()), " owns notice ", Clean(response.notice_id()), " now.\n"));
  });
}

void AddAfterwards(CLI::App& group, Tool& tool) {
  Verb<outage::v1::WithdrawNoticeRequest, outage::v1::WithdrawNoticeResponse> withdraw(
      group, tool, "withdraw", "Says that a notice does not hold, or never did.",
      "throughline notice withdraw NOTICE --text 'It was a false alarm'");
  withdraw.Argument("notice_id", "The notice");
  withdraw.Option("--text", "text", "Why, for customers")->required();
  withdraw.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Withdrew notice ", Clean(response.notice_id()), "\n"));
  });

  Verb<outage::v1::CorrectNoticeRequest, outage::v1::CorrectNoticeResponse> correct(
      group, tool, "correct", "Corrects what was published. What was said before stays visible.",
      "throughline notice correct NOTICE --reason 'The app works' --component web-checkout");
  correct.Argument("notice_id", "The notice");
  correct.Option("--reason", "reason", "What was wrong, for customers")->required();
  correct.Option("--title", "title", "The right line");
  correct.Option("--what", "description", "What does not work, or what changes");
  correct.Option("--text", "current_text", "What the last update, or the resolution, should have said");
  correct.Option("--workaround", "workaround", "What customers can do; \"\": nothing");
  correct.List("--component", "component_ids", "All that is hit, once per component");
  AddScope(correct);
  correct.Option("--since", "since", "Since when");
  correct.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Corrected notice ", Clean(response.notice_id()), "\n"));
  });

  Verb<outage::v1::PublishPostmortemRequest, outage::v1::PublishPostmortemResponse> postmortem(
      group, tool, "postmortem", "Publishes what was learned from a notice that is over.",
      "throughline notice postmortem NOTICE --text 'Nobody looked at the disk' \\\n"
      "    --follow-up 'platform, +14d, an alert when a disk fills'");
  postmortem.Argument("notice_id", "The notice");
  postmortem.Option("--text", "text", "For customers")->required();
  auto follow_ups = std::make_shared<std::vector<std::string>>();
  CLI::Option* option =
      postmortem.command()
          .add_option("--follow-up", *follow_ups, "What a team does, by when: `TEAM, TIME, WHAT`; once per follow-up")
          ->take_all()
          ->type_name("TEXT");
  postmortem.Fills(option, {"follow_ups"});
  postmortem.BeforeSending([follow_ups](outage::v1::PublishPostmortemRequest& request) {
    for (const std::string& text : *follow_ups) {
      if (absl::Status status = AddFollowUp(text, request); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
  postmortem.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Published what was learned from notice ", Clean(response.notice_id()), "\n"));
  });

  Verb<outage::v1::CompleteFollowUpRequest, outage::v1::CompleteFollowUpResponse> done(
      group, tool, "follow-up-done", "Says that a follow-up is done.",
      "throughline notice follow-up-done NOTICE FOLLOW-UP --evidence 'alert 17 is on'");
  done.Argument("notice_id", "The notice");
  done.Argument("follow_up_id", "The follow-up, as `notice show` names it");
  done.Option("--evidence", "evidence", "What was changed")->required();
  done.Prints([](Tool& out, const auto& request, const auto&) {
    out.Print(absl::StrCat("Follow-up ", Clean(request.follow_up_id()), " is done\n"));
  });
}

void AddSuspicions(CLI::App& group, Tool& tool) {
  Verb<outage::v1::ListSuspicionsRequest, outage::v1::ListSuspicionsResponse> list(
      group, tool, "suspected", "Suspected outages: more cases than usual, and no notice says why.",
      "throughline notice suspected");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(response.suspicions().empty() ? "Nothing is suspected.\n"
                                            : RenderSuspicions(response.suspicions(), out.terminal(), out.now()));
  });

  Verb<outage::v1::DismissSuspicionRequest, outage::v1::DismissSuspicionResponse> dismiss(
      group, tool, "dismiss", "Says that a suspected outage is none. Publishing a notice confirms it instead.",
      "throughline notice dismiss web-checkout SUSPICION --reason 'a letter went out to everybody'");
  dismiss.Argument("component_id", "The component");
  dismiss.Argument("suspicion_id", "The suspicion, as `notice suspected` names it");
  dismiss.Option("--reason", "reason", "Why there were so many cases")->required();
  dismiss.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Nothing is suspected of ", Clean(response.component_id()), " any more\n"));
  });
}

void AddReads(CLI::App& group, Tool& tool) {
  Verb<outage::v1::CheckComponentRequest, outage::v1::CheckComponentResponse> check(
      group, tool, "check", "Whether a component works now, as a website asks before it shows a form.",
      "throughline --as webshop notice check web-checkout\n"
      "throughline notice check web-checkout --json | jq .operational");
  check.Argument("component_id", "The component");
  check.Option("--region", "region", "Only what hits this region");
  check.Option("--channel", "channel", "Only what hits this channel");
  check.Option("--product", "product", "Only what hits this product");
  check.Option("--customer-group", "customer_group", "Only what hits this group of customers");
  check.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(RenderCheck(response, out.terminal(), out.now()));
  });

  Verb<outage::v1::GetNoticeRequest, outage::v1::GetNoticeResponse> show(
      group, tool, "show", "A notice whole: what was said about its end, what was corrected, what was learned.",
      "throughline notice show NOTICE");
  show.Argument("notice_id", "The notice");
  show.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(RenderNotice(response.notice(), out.terminal(), out.now()));
  });

  Verb<outage::v1::ListNoticesRequest, outage::v1::ListNoticesResponse> list(
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

  WatchVerb<outage::v1::WatchNoticesRequest, outage::v1::WatchNoticesResponse> watch(
      group, tool, "watch", "Shows every active notice, and each again whenever it changes, until interrupted.",
      "throughline notice watch --component web-checkout");
  watch.List("--component", "component_ids", "Only about these, once per component");
  watch.Prints([](Tool& out, const auto& response) {
    const auto& notice = response.notice();
    const absl::Time now = absl::Now();
    std::string text = absl::StrCat(Paint(out.terminal(), Style::kDim, ShowClock(now)), "  ", Clean(notice.notice_id()),
                                    "  ", Word(notice.kind()), " ", Word(notice.status()), "  ", Clean(notice.title()),
                                    ": ", Clean(notice.current_text()));
    if (const std::string next = NextUpdateOf(notice, now); !next.empty()) {
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
  AddAfterwards(group, tool);
  AddSuspicions(group, tool);
  AddReads(group, tool);
  AddSubscribers(group, tool);
}

}  // namespace throughline::tool
