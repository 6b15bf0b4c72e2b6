// `throughline worklist|mine`: what a person must look at now, most urgent first; and `throughline work`: what they do
// with an item.

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/shorthand/first_given.h"
#include "services/throughline/cli/shorthand/ids.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::tool {
namespace {

using WorklistItems = std::vector<ownership::v1::WorklistItem>;
using ListRequest = ownership::v1::ListWorklistRequest;
using ListResponse = ownership::v1::ListWorklistResponse;

Style ReasonStyle(const ownership::v1::WorklistItem& item) {
  if (item.overdue() || item.reason() == ownership::v1::WORKLIST_REASON_PROMISE_BROKEN ||
      item.reason() == ownership::v1::WORKLIST_REASON_COMMITMENT_BROKEN) {
    return Style::kAlarm;
  }
  if (item.reason() == ownership::v1::WORKLIST_REASON_OWNED) return Style::kPlain;
  return Style::kYellow;
}

// The id that the next command on this item needs besides the case's.
std::string Subject(const ownership::v1::WorklistItem& item) {
  if (item.has_component_id()) return "component " + item.component_id();
  if (item.has_promise_id()) return "promise " + item.promise_id();
  if (item.has_commitment_id()) return "commitment " + item.commitment_id();
  if (item.has_handoff_id()) return "handoff " + item.handoff_id();
  if (item.has_notice_id()) return "notice " + item.notice_id();
  if (item.has_suggestion_id()) return "suggestion " + item.suggestion_id();
  if (item.has_improvement_kind()) return "improvement " + item.improvement_kind();
  return item.has_order_id() ? "order " + item.order_id() : "";
}

Cell Age(const ownership::v1::WorklistItem& item, absl::Time now) {
  if (!item.has_since()) return {""};
  return {ShowPeriod(std::max(now - runtime::FromProto(item.since()), absl::ZeroDuration())), Style::kDim};
}
Cell Due(const ownership::v1::WorklistItem& item, absl::Time now) {
  return {item.has_due() ? ShowFromNow(runtime::FromProto(item.due()), now) : "",
          item.overdue() ? Style::kAlarm : Style::kPlain};
}
std::string Aside(const ownership::v1::WorklistItem& item, absl::Time now) {
  if (item.acknowledged()) return "seen";
  return item.has_snoozed_until() ? "until " + ShowTime(item.snoozed_until(), now) : "";
}
const std::string& ThingOf(const ownership::v1::WorklistItem& item) {
  if (item.has_suggestion_id()) return item.suggestion_id();
  if (item.has_improvement_kind()) return item.improvement_kind();
  if (item.has_component_id()) return item.component_id();
  return item.case_id().empty() ? item.notice_id() : item.case_id();
}

std::string RenderWorklist(const WorklistItems& items, const Terminal& terminal, absl::Time now) {
  Table table({{"REASON"},
               {"DUE"},
               {"AGE"},
               {"CASE"},
               {"OWNER"},
               {"CUSTOMER"},
               {"SUBJECT", Column::kMayBeCut},
               {"WHAT", Column::kMayBeCut},
               {"ABOUT"},
               {"ASIDE"}});
  for (const auto& item : items) {
    table.Row({{Word(item.reason()), ReasonStyle(item)},
               Due(item, now),
               Age(item, now),
               {item.case_id(), Style::kBold},
               {item.owner()},
               {item.customer_id()},
               {item.subject()},
               {item.text()},
               {Subject(item), Style::kDim},
               {Aside(item, now), Style::kDim}});
  }
  return table.empty() ? "Nothing waits.\n" : table.Render(terminal);
}

// A person's own list, short: who owns what is clear.
std::string RenderMine(const WorklistItems& items, const Terminal& terminal, absl::Time now) {
  Table table({{"REASON"}, {"DUE"}, {"AGE"}, {"CASE"}, {"CUSTOMER"}, {"WHAT", Column::kMayBeCut}});
  for (const auto& item : items) {
    const bool of_case = item.reason() == ownership::v1::WORKLIST_REASON_OWNED ||
                         item.reason() == ownership::v1::WORKLIST_REASON_CONFIRMED;
    table.Row({{Word(item.reason()), ReasonStyle(item)},
               Due(item, now),
               Age(item, now),
               {ThingOf(item), Style::kBold},
               {item.customer_id()},
               {of_case || item.text().empty() ? item.subject() : absl::StrCat(item.subject(), ": ", item.text())}});
  }
  return table.empty() ? "Nothing waits for you.\n" : table.Render(terminal);
}

template <typename Response>
WorklistItems ItemsOf(const Response& response) {
  return {response.items().begin(), response.items().end()};
}

// Lists, or watches.
class WorklistVerb : public Verb<ListRequest, ListResponse> {
 public:
  using Shows = std::string (*)(const WorklistItems&, const Terminal&, absl::Time);

  WorklistVerb(CLI::App& app, Tool& tool, const std::string& name, const std::string& description,
               const std::string& examples, Shows shows)
      : Verb(app, tool, name, description, examples) {
    auto watch = std::make_shared<bool>(false);
    Fills(command().add_flag("--watch", *watch, "Show it again whenever it changes, until interrupted"), {"watch"});
    tool.Does(command(), [state = state_, watch, shows]() -> absl::Status {
      if (*watch) return WatchIt(*state, shows);
      ListResponse response;
      if (absl::Status status = Send(*state, response); !status.ok()) return status;
      if (state->tool.json()) {
        state->tool.PrintJson(response);
      } else {
        state->tool.Print(shows(ItemsOf(response), state->tool.terminal(), state->tool.now()));
      }
      return absl::OkStatus();
    });
  }

 private:
  static absl::Status WatchIt(const State& list, Shows shows) {
    const auto& asked = static_cast<const ListRequest&>(*list.request);
    auto request = std::make_unique<ownership::v1::WatchWorklistRequest>();
    request->set_person(asked.person());
    request->set_consistency_token(asked.consistency_token());
    request->set_scope(asked.include_team() ? ownership::v1::WORKLIST_SCOPE_TEAM : asked.scope());
    request->set_page_size(list.limit == 0 ? 1000 : std::min(list.limit, 1000));
    State watch{list.tool, std::move(request)};
    watch.filled = list.filled;
    ownership::v1::WatchWorklistResponse response;
    return Watch(watch, response, [&] { return Show(list.tool, response, shows); });
  }

  // On a terminal in place of what was there; else a line for each item.
  static bool Show(Tool& out, const ownership::v1::WatchWorklistResponse& response, Shows shows) {
    if (out.json()) return out.PrintJson(response);
    const absl::Time now = absl::Now();
    const WorklistItems items = ItemsOf(response);
    if (out.terminal().interactive) {
      return out.Print(absl::StrCat("\x1b[H\x1b[2J", ShowClock(now), response.more() ? "  the first of more" : "", "\n",
                                    shows(items, out.terminal(), now)));
    }
    std::string text;
    for (const auto& item : items) {
      absl::StrAppend(&text, ShowClock(now), "  ", Word(item.reason()), item.overdue() ? " overdue" : "", "  ",
                      Clean(ThingOf(item)), "  ", Clean(item.subject()),
                      item.text().empty() ? "" : absl::StrCat("  ", Clean(item.text())), "\n");
    }
    return out.Print(items.empty() ? absl::StrCat(ShowClock(now), "  nothing waits\n") : text);
  }
};

// Whether `text` names the item: all of its id, what it is about (ThingOf), or the beginning of that.
bool Names(const std::string& text, const ownership::v1::WorklistItem& item) {
  return text.empty() || item.item_id() == text ||
         (text.size() >= kShortestBeginning && absl::StartsWith(ThingOf(item), absl::AsciiStrToUpper(text))) ||
         ThingOf(item) == text;
}

bool CanBeAcknowledged(ownership::v1::WorklistReason reason) {
  return reason == ownership::v1::WORKLIST_REASON_PROMISE_BROKEN ||
         reason == ownership::v1::WORKLIST_REASON_COMMITMENT_BROKEN ||
         reason == ownership::v1::WORKLIST_REASON_CLOSING_ANNOUNCED ||
         reason == ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS;
}

// Puts the id of the item that is meant into `item_id`; keeps it with the command id, as ids.h does.
absl::Status CompleteItem(Tool& tool, const std::string& command_id, bool acknowledge,
                          ownership::v1::WorklistReason reason, std::string& item_id) {
  const std::string question = absl::StrCat(tool.token_file(), "\n", command_id, "\nitem ", item_id, " ", reason);
  if (const auto kept = WhatWasSaid(tool.data(), question)) {
    item_id = *kept;
    return absl::OkStatus();
  }
  auto client = tool.client();
  if (!client.ok()) return client.status();
  ListRequest ask;
  ask.set_page_size(1000);
  const auto list = (*client)->Call<ListResponse>(ask);
  if (!list.ok()) return list.status();
  std::vector<Candidate> candidates;
  for (const auto& item : list->items()) {
    const bool fits = reason != ownership::v1::WORKLIST_REASON_UNSPECIFIED
                          ? item.reason() == reason
                          : !acknowledge || CanBeAcknowledged(item.reason());
    if (item.item_id() == item_id) return absl::OkStatus();
    if (!fits || !Names(item_id, item)) continue;
    candidates.push_back({item.item_id(), absl::StrCat(Word(item.reason()), " of ", ThingOf(item))});
  }
  if (candidates.empty() && item_id.size() > kShortestBeginning && !list->next_page_token().empty()) {
    return absl::OkStatus();  // a long list: let the server judge what was given
  }
  if (candidates.empty()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "WORK_ITEM_UNKNOWN",
                           acknowledge ? "your worklist has no such item that only has to be seen: `throughline mine` "
                                         "lists what it has"
                                       : "your worklist has no such item: `throughline mine` lists what it has");
  }
  auto id = TheOnlyOne("item", item_id, std::move(candidates));
  if (id.ok()) id = FirstSaid(tool.data(), question, *id, "give the item's id, as in --json", tool.now());
  if (!id.ok()) return id.status();
  item_id = *id;
  return absl::OkStatus();
}

template <class Req, class Resp>
class ItemVerb : public Verb<Req, Resp> {
 public:
  ItemVerb(CLI::App& group, Tool& tool, const std::string& name, bool acknowledge, const std::string& description,
           const std::string& examples, const std::string& done)
      : Verb<Req, Resp>(group, tool, name, description, examples) {
    this->Argument(
            "item_id",
            "The item: its case, notice, suggestion or improvement, or its item_id (default: the only one that fits)")
        ->required(false)
        ->type_name("CASE|NOTICE|ITEM");
    auto about = std::make_shared<ListResponse>();  // its first item holds the reason that is meant
    ownership::v1::WorklistItem* wanted = about->add_items();
    CLI::Option* why = this->command().template add_option_function<std::string>(
        "--about",
        [wanted](const std::string& text) {
          const auto reason = ParseWord(*ownership::v1::WorklistReason_descriptor(), text);
          if (reason) wanted->set_reason(static_cast<ownership::v1::WorklistReason>(*reason));
        },
        "Why it is in the worklist, if the case has several items");
    why->type_name("REASON")->check(OneOf(Choices(*ownership::v1::WorklistReason_descriptor())));
    this->Fills(why, {"about"});
    this->Completes([&tool, about, acknowledge](const std::string& command_id, google::protobuf::Message& request) {
      auto& typed = static_cast<Req&>(request);
      return CompleteItem(tool, command_id, acknowledge, about->items(0).reason(), *typed.mutable_item_id());
    });
    this->Prints([done](Tool& out, const auto&, const auto&) { out.Print(done + "\n"); });
  }
};

}  // namespace

void AddWorklist(CLI::App& app, Tool& tool) {
  WorklistVerb worklist(app, tool, "worklist", "What a person must look at now, most urgent first",
                        "throughline worklist\nthroughline queue --watch\nthroughline --as sam worklist --team\n"
                        "throughline worklist --unassigned\n"
                        "throughline --as dashboard worklist --person ana --json",
                        RenderWorklist);
  worklist.command().alias("queue");  // its former name
  worklist.Option("--person", "person", "Whose worklist (default: yours)");
  CLI::Option* team = worklist.Option("--team", "include_team",
                                      "For a supervisor: also the worklists of the people whose cases they supervise");
  CLI::Option* unassigned = worklist.command().add_flag_callback(
      "--unassigned", [request = &worklist.request()] { request->set_scope(ownership::v1::WORKLIST_SCOPE_UNASSIGNED); },
      "Open cases that nobody has taken, the oldest first");
  unassigned->excludes(team);
  worklist.Fills(unassigned, {"scope"});
  worklist.Option("--all", "include_snoozed", "Also what was acknowledged, or put aside until later");

  WorklistVerb mine(app, tool, "mine", "What you must look at now, most urgent first, in short",
                    "throughline mine\nthroughline --as ben mine --watch", RenderMine);
  mine.LimitedTo(20);
}

void AddWork(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "work", "Items of your worklist: acknowledge them, or put them aside");
  ItemVerb<ownership::v1::AcknowledgeWorkItemRequest, ownership::v1::AcknowledgeWorkItemResponse> acknowledge(
      group, tool, "acknowledge", true,
      "Takes an item off your worklist that only has to be seen, such as a broken promise.",
      "throughline work acknowledge\nthroughline work acknowledge CASE --about promise-broken", "Seen.");
  acknowledge.command().alias("ack");
  acknowledge.Option("--reason", "reason", "Why the customer's words need no answer, if it is about them");

  ItemVerb<ownership::v1::SnoozeWorkItemRequest, ownership::v1::SnoozeWorkItemResponse> snooze(
      group, tool, "snooze", false, "Puts an item of your worklist aside until later, at most until it is due.",
      "throughline work snooze CASE --until +2h\nthroughline work snooze CASE --about next-action --until +1d",
      "Put aside.");
  snooze.Option("--until", "until", "Until when")->required();
}

}  // namespace throughline::tool
