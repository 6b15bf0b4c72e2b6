// `throughline notice subscribe` and what else is about who hears what customers are told.

#include "services/throughline/commands/notices/subscribers.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::tool {
namespace {

std::string ShowSecret(const std::string& secret) {
  if (secret.empty()) return "";
  return absl::StrCat("Its messages are signed with this secret, which is shown only once:\n", Clean(secret), "\n");
}

void AddJoining(CLI::App& group, Tool& tool) {
  Verb<outage::v1::SubscribeRequest, outage::v1::SubscribeResponse> subscribe(
      group, tool, "subscribe", "Asks an address whether it wants to hear what customers are told.",
      "throughline --as webshop notice subscribe kim@example.com --channel mail --component web-checkout\n"
      "throughline --as webshop notice subscribe https://example.com/hook --channel webhook");
  subscribe.Argument("address", "A mail address, or the URL that is called");
  subscribe.Option("--channel", "channel", "How it hears")->required();
  subscribe.List("--component", "component_ids", "About what, once per component (default: everything)");
  subscribe.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Subscriber ", Clean(response.subscriber_id()),
                           " is asked, and hears once it has confirmed that.\n",
                           ShowSecret(response.webhook_secret())));
  });

  Verb<outage::v1::ConfirmSubscriptionRequest, outage::v1::ConfirmSubscriptionResponse> confirm(
      group, tool, "confirm", "Says that an address wants to hear.", "throughline --as webshop notice confirm TOKEN");
  confirm.Argument("token", "What was sent to the address");
  confirm.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Subscriber ", Clean(response.subscriber_id()), " hears from now on.\n"));
  });

  Verb<outage::v1::LeaveRequest, outage::v1::LeaveResponse> leave(group, tool, "leave",
                                                                  "Says that an address wants to hear no more.",
                                                                  "throughline --as webshop notice leave TOKEN");
  leave.Argument("token", "What stands in each message");
  leave.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat("Subscriber ", Clean(response.subscriber_id()), " hears no more.\n"));
  });

  Verb<outage::v1::RotateWebhookSecretRequest, outage::v1::RotateWebhookSecretResponse> rotate(
      group, tool, "rotate-secret", "Gives a webhook another secret. The one of before signs for some time, too.",
      "throughline --as webshop notice rotate-secret TOKEN");
  rotate.Argument("token", "What stands in each message");
  rotate.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat(ShowSecret(response.webhook_secret()), "The one of before signs, too, until ",
                           ShowTime(response.old_secret_until(), out.now()), ".\n"));
  });
}

std::string RenderSubscribers(const outage::v1::ListSubscribersResponse& response, const Terminal& terminal,
                              absl::Time now) {
  Table table({{"SUBSCRIBER"},
               {"CHANNEL"},
               {"SINCE"},
               {"SENT", Column::kWhole, Column::kRight},
               {"WAITING", Column::kWhole, Column::kRight},
               {"NEXT ATTEMPT"},
               {"KEY"},
               {"ADDRESS"},
               {"HEARS ABOUT", Column::kMayBeCut}});
  for (const outage::v1::SubscriberView& subscriber : response.subscribers()) {
    std::string about =
        subscriber.component_ids().empty() ? "everything" : absl::StrJoin(subscriber.component_ids(), ", ");
    if (!subscriber.confirmed()) absl::StrAppend(&about, " (unconfirmed)");
    const bool waits = subscriber.has_next_attempt_at();
    table.Row({{subscriber.subscriber_id(), Style::kBold},
               {Word(subscriber.channel())},
               {ShowTime(subscriber.since(), now)},
               {absl::StrCat(subscriber.sent_count())},
               {absl::StrCat(subscriber.waiting_count())},
               {waits ? ShowTime(subscriber.next_attempt_at(), now) : std::string()},
               {subscriber.secret_key_id()},
               {subscriber.address()},
               {about}});
  }
  return table.Render(terminal);
}

std::string RenderDeadLetters(const outage::v1::ListDeadLettersResponse& response, const Terminal& terminal,
                              absl::Time now) {
  Table table({{"SUBSCRIBER"},
               {"DELIVERY"},
               {"WHAT"},
               {"GIVEN UP"},
               {"ATTEMPTS", Column::kWhole, Column::kRight},
               {"ADDRESS"},
               {"WHY", Column::kMayBeCut}});
  for (const outage::v1::DeadLetterView& letter : response.dead_letters()) {
    table.Row({{letter.subscriber_id(), Style::kBold},
               {letter.delivery_id(), Style::kBold},
               {letter.notice_id().empty() ? std::string(Word(letter.kind())) : "notice " + letter.notice_id()},
               {ShowTime(letter.dead_at(), now)},
               {absl::StrCat(letter.attempt_count())},
               {letter.address()},
               {letter.why()}});
  }
  return table.Render(terminal);
}

void AddLists(CLI::App& group, Tool& tool) {
  Verb<outage::v1::ListSubscribersRequest, outage::v1::ListSubscribersResponse> subscribers(
      group, tool, "subscribers",
      "Who hears, with their addresses; of webhooks, the key that their secret follows from. For administrators.",
      "throughline --as admin notice subscribers --component web-checkout");
  subscribers.Option("--component", "component_id", "Only who hears about this component");
  subscribers.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(response.subscribers().empty() ? "Nobody hears.\n"
                                             : RenderSubscribers(response, out.terminal(), out.now()));
  });

  Verb<outage::v1::ListDeadLettersRequest, outage::v1::ListDeadLettersResponse> letters(
      group, tool, "dead-letters", "Messages that could not be sent and are not tried again. For administrators.",
      "throughline --as admin notice dead-letters");
  letters.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(response.dead_letters().empty() ? "No dead letters.\n"
                                              : RenderDeadLetters(response, out.terminal(), out.now()));
  });

  Verb<outage::v1::ResendDeadLetterRequest, outage::v1::ResendDeadLetterResponse> resend(
      group, tool, "resend", "Has a dead letter tried again. For administrators.",
      "throughline --as admin notice resend SUBSCRIBER DELIVERY");
  resend.Argument("subscriber_id", "The subscriber, as `notice dead-letters` names it");
  resend.Argument("delivery_id", "The delivery, likewise");
  resend.Prints([](Tool& out, const auto& request, const auto&) {
    out.Print(absl::StrCat("Delivery ", Clean(request.delivery_id()), " is tried again.\n"));
  });

  Verb<outage::v1::GetNoticeFeedRequest, outage::v1::GetNoticeFeedResponse> feed(
      group, tool, "feed", "What customers were told last, as Atom or RSS.",
      "throughline notice feed --format rss --component web-checkout > notices.xml");
  feed.Option("--format", "format", "How it is written (default: atom)");
  feed.Option("--component", "component_id", "Only about this component");
  feed.Prints([](Tool& out, const auto&, const auto& response) { out.Print(response.document()); });
}

}  // namespace

void AddSubscribers(CLI::App& group, Tool& tool) {
  AddJoining(group, tool);
  AddLists(group, tool);
}

}  // namespace throughline::tool
