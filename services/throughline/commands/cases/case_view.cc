#include "services/throughline/commands/cases/case_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/money/money.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"

namespace throughline::tool {
namespace {

using ownership::v1::OwnershipView;

Style PromiseStyle(ownership::v1::PromiseStatus status) {
  if (status == ownership::v1::PROMISE_STATUS_BROKEN) return Style::kAlarm;
  return status == ownership::v1::PROMISE_STATUS_KEPT ? Style::kGreen : Style::kPlain;
}

std::string Promises(const OwnershipView& owned, const Terminal& terminal, absl::Time now) {
  Table table({{"  PROMISE"}, {"STATUS"}, {"DUE"}, {"MADE BY"}, {"TO"}, {"WHAT", Column::kWraps}});
  for (const auto& promise : owned.promises()) {
    table.Row({{"  " + promise.promise_id()},
               {Word(promise.status()), PromiseStyle(promise.status())},
               {ShowTime(promise.due(), now) + (promise.renegotiation_count() > 0 ? " (moved)" : "")},
               {promise.made_by()},
               {promise.to()},
               {promise.text()}});
  }
  return table.empty() ? "" : table.Render(terminal);
}

// What is owed besides promises, while it is open; or was broken, and nobody has acknowledged it.
std::string Owed(const OwnershipView& owned, const Terminal& terminal, absl::Time now) {
  Table table({{"  OWED"}, {"KIND"}, {"DUE"}, {"BY"}, {"SINCE"}, {"WHAT", Column::kWraps}});
  for (const auto& one : owned.commitments()) {
    const auto& owed = one.commitment();
    const bool open = one.outcome() == ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED;
    const bool broken = one.outcome() == ownership::v1::COMMITMENT_OUTCOME_BROKEN && !one.acknowledged();
    if (owed.kind() == ownership::v1::COMMITMENT_KIND_PROMISE || (!open && !broken)) continue;
    table.Row({{"  " + owed.commitment_id()},
               {Word(owed.kind())},
               {ShowTime(owed.due(), now) + (broken                          ? " (broken)"
                                             : one.renegotiation_count() > 0 ? " (moved)"
                                                                             : ""),
                broken ? Style::kAlarm : Style::kPlain},
               {owed.owed_by().empty() ? owned.owner() : owed.owed_by()},
               {ShowTime(one.made_at(), now)},
               {owed.text() + (owed.team().empty() ? "" : " [asked of team " + owed.team() + "]")}});
  }
  return table.empty() ? "" : table.Render(terminal);
}

std::string Attached(const google::protobuf::RepeatedPtrField<intake::v1::Attachment>& attachments) {
  std::string text;
  for (const auto& one : attachments) absl::StrAppend(&text, " [", one.name(), " at ", one.location(), "]");
  return text;
}

std::string Interactions(const intake::v1::GetCaseResponse& opened, const Terminal& terminal, absl::Time now) {
  Table table({{"  WHEN"}, {"CHANNEL"}, {"WHO"}, {"SAID", Column::kWraps}});
  table.Row({{"  " + ShowTime(opened.case_().opened_at(), now)},
             {Word(opened.case_().channel())},
             {opened.case_().channel() == intake::v1::CHANNEL_PROACTIVE ? opened.case_().opened_by() : "customer"},
             {opened.case_().text() + Attached(opened.case_().attachments())}});
  for (const auto& interaction : opened.interactions()) {
    const bool customer = interaction.direction() == intake::v1::DIRECTION_INBOUND;
    table.Row({{"  " + ShowTime(interaction.at(), now)},
               {Word(interaction.channel())},
               {!interaction.speaker().empty() ? interaction.speaker()
                : customer                     ? "customer"
                                               : interaction.by()},
               {absl::StrCat(interaction.text(), interaction.company_mistake() ? " [our mistake" : "",
                             interaction.mistake().empty() ? "" : ": ", interaction.mistake(),
                             interaction.company_mistake() ? "]" : "", Attached(interaction.attachments()))}});
  }
  return table.Render(terminal);
}

// The resolution and the closing, one line each.
std::string Ending(const OwnershipView& owned, absl::Time now) {
  std::string out;
  if (owned.has_resolution()) {
    const auto& resolution = owned.resolution();
    absl::StrAppend(&out, "  resolution  ", Clean(resolution.by()), " proposed: ", Clean(resolution.text()));
    if (resolution.has_evidence()) absl::StrAppend(&out, " ; confirmed: ", Clean(resolution.evidence()));
    if (resolution.has_rejection_reason()) absl::StrAppend(&out, " ; rejected: ", Clean(resolution.rejection_reason()));
    out += '\n';
  }
  if (owned.has_closing()) {
    const auto& closure = owned.closing();
    absl::StrAppend(&out, "  closed      ", ShowTime(closure.at(), now), " by ", Clean(closure.by()), ", ",
                    Word(closure.resolution_code()), closure.reason().empty() ? "" : ": ", Clean(closure.reason()));
    if (closure.options_offered_size() > 0) {
      absl::StrAppend(&out, " ; offered: ", Clean(absl::StrJoin(closure.options_offered(), "; ")));
    }
    out += '\n';
  }
  return out;
}

// Who waits for whom, and until when.
std::string Waits(const OwnershipView& owned, const Terminal& terminal, absl::Time now) {
  std::string out;
  if (owned.has_unanswered()) {
    const auto& waits = owned.unanswered();
    absl::StrAppend(&out, "  waits       ", Paint(terminal, Style::kYellow, "the customer, for an answer"), " since ",
                    ShowTime(waits.since(), now));
    if (waits.has_due()) absl::StrAppend(&out, ", due ", ShowTime(waits.due(), now));
    if (waits.count() > 1) absl::StrAppend(&out, "; they spoke ", waits.count(), " times");
    out += '\n';
  }
  if (owned.unassigned()) absl::StrAppend(&out, "  untaken     ", Clean(owned.owner()), " looks after it\n");
  if (owned.has_closes_at()) {
    absl::StrAppend(&out, "  closes      ", ShowTime(owned.closes_at(), now),
                    ", unconfirmed, unless the customer answers", owned.closing_announced() ? "; tell them so" : "",
                    "\n");
  }
  return out;
}

// The cases that this one was a part of, goes on as, or took over.
std::string Relatives(const intake::v1::CaseView& view, const OwnershipView& owned) {
  std::string out;
  const auto line = [&](const char* label, const std::string& text) {
    if (!text.empty()) absl::StrAppend(&out, label, Clean(text), "\n");
  };
  line("  merged into ", owned.merged_into_case_id());
  line("  took over   ", absl::StrJoin(owned.absorbed_case_ids(), ", "));
  line("  continues   ", view.continues_case_id());
  line("  split from  ", view.split_from_case_id());
  line("  split off   ", absl::StrJoin(view.split_off_case_ids(), ", "));
  line("  components  ", absl::StrJoin(view.further_component_ids(), ", "));
  line("  not defined ", absl::StrJoin(view.unknown_component_ids(), ", "));
  line("  alert       ", view.last_alert());
  return out;
}

std::string Ownership(const OwnershipView& owned, const Terminal& terminal, absl::Time now) {
  std::string out;
  if (owned.ownership_periods_size() > 1) {
    absl::StrAppend(
        &out, "  owners      ",
        absl::StrJoin(owned.ownership_periods(), terminal.utf8 ? " → " : " -> ",
                      [](std::string* text, const auto& spell) { *text += Clean(spell.person()); }),
        owned.ping_pong_count() > 0 ? absl::StrCat("  (went straight back ", owned.ping_pong_count(), " times)") : "",
        "\n");
  }
  if (owned.returned_count() > owned.ping_pong_count()) {
    absl::StrAppend(&out, "  came back   ", owned.returned_count(), " times to somebody who had owned it before\n");
  }
  if (owned.has_escalation()) {
    const auto& escalation = owned.escalation();
    const bool acknowledged = escalation.has_acknowledged_at();
    absl::StrAppend(&out, "  escalated   ", Paint(terminal, Style::kYellow, absl::StrCat("level ", escalation.level())),
                    " to ", Clean(escalation.to()), acknowledged ? ", who decides by " : ", who acknowledges it by ",
                    ShowTime(escalation.due(), now), escalation.exhausted() ? "; nobody is left above" : "", ": ",
                    Clean(escalation.reason()), "\n");
  }
  if (owned.help_ping_pong_count() > 0) {
    absl::StrAppend(&out, "  help        went back and forth ", owned.help_ping_pong_count(), " times\n");
  }
  if (owned.has_handoff()) {
    const auto& offer = owned.handoff();
    absl::StrAppend(&out, "  offer       ", Clean(offer.handoff_id()), " to ", Clean(offer.to()), " until ",
                    ShowTime(offer.expires_at(), now), ": ", Clean(offer.reason()), "\n");
  }
  if (owned.has_work_note()) {
    const auto& work_note = owned.work_note();
    absl::StrAppend(&out, "  work note   ", ShowTime(work_note.at(), now), " ", Clean(work_note.by()), ": ",
                    Clean(work_note.text()), "\n");
    if (work_note.has_next_action()) {
      absl::StrAppend(&out, "  next        ", Clean(work_note.next_action()), " by ",
                      ShowTime(work_note.next_action_due(), now), "\n");
    }
    if (work_note.has_waiting_on()) absl::StrAppend(&out, "  waiting on  ", Clean(work_note.waiting_on()), "\n");
  }
  for (const std::string& notice : owned.confirmations_requested()) {
    absl::StrAppend(&out, "  confirm     notice ", Clean(notice), " is resolved: ask the customer\n");
  }
  return out + Ending(owned, now);
}

}  // namespace

Style StatusStyle(ownership::v1::CaseStatus status) {
  switch (status) {
    case ownership::v1::CASE_STATUS_RESOLVED_CONFIRMED:
    case ownership::v1::CASE_STATUS_CLOSED_CONFIRMED:
      return Style::kGreen;
    case ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED:
      return Style::kYellow;
    default:
      return Style::kPlain;
  }
}

std::string RenderCases(const std::vector<intake::v1::CaseView>& cases, const Terminal& terminal, absl::Time now) {
  Table table({{"CASE"},
               {"STATUS"},
               {"OWNER"},
               {"OPENED"},
               {"CUSTOMER"},
               {"ORDER"},
               {"INTERACTIONS", Column::kWhole, Column::kRight},
               {"SUBJECT", Column::kMayBeCut}});
  for (const auto& row : cases) {
    table.Row({{row.case_id(), Style::kBold},
               {Word(row.status()), StatusStyle(row.status())},
               {row.owner()},
               {ShowTime(row.opened_at(), now)},
               {row.customer_id()},
               {row.order_id()},
               {absl::StrCat(row.inbound_interactions()), row.repeated_contact() ? Style::kYellow : Style::kPlain},
               {row.subject()}});
  }
  return table.empty() ? "No cases.\n" : table.Render(terminal);
}

std::string CaseLine(const intake::v1::CaseView& view, const Terminal& terminal, absl::Time now) {
  std::string line = absl::StrCat(Paint(terminal, Style::kDim, ShowClock(now)), "  ", Clean(view.case_id()), "  ",
                                  Paint(terminal, StatusStyle(view.status()), Word(view.status())), "  owner ",
                                  Paint(terminal, Style::kBold, Clean(view.owner())), "  ", view.inbound_interactions(),
                                  " interactions  ", Clean(view.subject()));
  if (view.has_last_interaction()) absl::StrAppend(&line, "  last: ", Clean(view.last_interaction().text()));
  return line + "\n";
}

std::string LinkedNoticeLine(const intake::v1::LinkedNotice& notice, const Terminal& terminal, absl::Time now) {
  std::string line = absl::StrCat("  notice      ", Clean(notice.notice_id()), " ",
                                  Paint(terminal, Style::kYellow, Word(notice.kind())), " ", Word(notice.status()), " ",
                                  Clean(notice.component_id()), ": ", Clean(notice.current_text()));
  if (notice.has_next_update_due()) absl::StrAppend(&line, " ; next update ", ShowTime(notice.next_update_due(), now));
  if (notice.status() == outage::v1::NOTICE_STATUS_ACTIVE) {
    absl::StrAppend(&line, " ; expected end ",
                    notice.has_expected_end() ? ShowTime(notice.expected_end(), now) : "at an unknown time");
  }
  if (notice.has_workaround()) absl::StrAppend(&line, " ; until then: ", Clean(notice.workaround()));
  if (notice.overdue()) absl::StrAppend(&line, " ", Paint(terminal, Style::kAlarm, "OVERDUE"));
  return line + "\n";
}

std::string RenderRemedies(const OwnershipView& owned, const Terminal& terminal, absl::Time now) {
  Table table(
      {{"  REMEDY"}, {"STATUS"}, {"KIND"}, {"AMOUNT"}, {"ASKED BY"}, {"DECIDES"}, {"SINCE"}, {"WHY", Column::kWraps}});
  for (const auto& remedy : owned.remedies()) {
    const bool waits = remedy.status() == ownership::v1::REMEDY_STATUS_REQUESTED;
    const bool failed = remedy.status() == ownership::v1::REMEDY_STATUS_FAILED;
    const bool paid = remedy.status() == ownership::v1::REMEDY_STATUS_PAID;
    table.Row({{"  " + remedy.remedy_id()},
               {Word(remedy.status()), failed ? Style::kAlarm
                                       : paid ? Style::kGreen
                                              : Style::kPlain},
               {Word(remedy.kind())},
               {money::MoneyText(remedy.amount())},
               {remedy.asked_by()},
               {waits ? remedy.approver() : remedy.decided_by()},
               {ShowTime(remedy.asked_at(), now)},
               {remedy.reason()}});
  }
  return table.empty() ? "" : table.Render(terminal);
}

std::string RenderRemedy(const ownership::v1::Remedy& remedy, const Terminal& terminal, absl::Time now) {
  std::string out =
      absl::StrCat(Paint(terminal, Style::kBold, "Remedy " + Clean(remedy.remedy_id())), "  ", Word(remedy.status()),
                   "  ", Word(remedy.kind()), " of ", money::MoneyText(remedy.amount()), "\n");
  const auto line = [&](const char* name, const std::string& text) {
    if (!text.empty())
      absl::StrAppend(&out, Paint(terminal, Style::kDim, absl::StrCat("  ", name, " ")), Clean(text), "\n");
  };
  line("why        ", remedy.reason());
  line("asked by   ", absl::StrCat(remedy.asked_by(), " ", ShowTime(remedy.asked_at(), now)));
  if (remedy.status() == ownership::v1::REMEDY_STATUS_REQUESTED) line("decides    ", remedy.approver());
  if (remedy.has_decided_at()) {
    line("decided by ", absl::StrCat(remedy.decided_by(), " ", ShowTime(remedy.decided_at(), now)));
  }
  line("because    ", remedy.decision_reason());
  if (remedy.has_counter_offer()) {
    line("offered    ",
         absl::StrCat(Word(remedy.counter_offer().kind()), " of ", money::MoneyText(remedy.counter_offer().amount()),
                      " instead: ", remedy.counter_offer().reason()));
  }
  if (remedy.has_limits()) {
    line("limits     ", absl::StrCat(money::MoneyText(remedy.limits().per_case()), " per case, ",
                                     money::MoneyText(remedy.limits().per_period()), " in ", remedy.limits().period(),
                                     remedy.limits().raised_by_mistake() ? ", raised by our mistake" : ""));
  }
  line("payment    ", remedy.payment_id());
  line("handed to  ", remedy.handed_off_to());
  line("reference  ", remedy.payment_reference());
  line("failed     ", remedy.failure_reason());
  return out;
}

std::string RenderCase(const intake::v1::GetCaseResponse& opened, const OwnershipView& owned, const Terminal& terminal,
                       absl::Time now) {
  const auto& view = opened.case_();
  const auto dim = [&](std::string_view text) { return Paint(terminal, Style::kDim, text); };
  std::string out =
      absl::StrCat(Paint(terminal, Style::kBold, "Case " + Clean(view.case_id())), "  ",
                   Paint(terminal, StatusStyle(owned.status()), Word(owned.status())), "  ", Clean(view.subject()),
                   "\n", dim("  owner "), Paint(terminal, Style::kBold, Clean(owned.owner())));
  if (owned.has_supervisor()) absl::StrAppend(&out, dim("  supervisor "), Clean(owned.supervisor()));
  absl::StrAppend(&out, dim("  customer "), Clean(view.customer_id()));
  if (view.has_order_id()) absl::StrAppend(&out, dim("  order "), Clean(view.order_id()));
  if (view.has_component_id()) absl::StrAppend(&out, dim("  component "), Clean(view.component_id()));
  if (!view.language().empty()) absl::StrAppend(&out, dim("  language "), Clean(view.language()));
  if (owned.reopen_count() > 0) absl::StrAppend(&out, dim("  reopened "), owned.reopen_count(), " times");
  if (view.repeated_contact()) absl::StrAppend(&out, "  ", Paint(terminal, Style::kYellow, "REPEATED CONTACT"));
  out += '\n';
  if (view.has_origin()) absl::StrAppend(&out, dim("  origin      "), Clean(view.origin()), "\n");
  absl::StrAppend(&out, Relatives(view, owned), Waits(owned, terminal, now), Ownership(owned, terminal, now));
  for (const auto& notice : view.notices()) out += LinkedNoticeLine(notice, terminal, now);
  absl::StrAppend(&out, Promises(owned, terminal, now), Owed(owned, terminal, now),
                  RenderRemedies(owned, terminal, now), Interactions(opened, terminal, now));
  return out;
}

}  // namespace throughline::tool
