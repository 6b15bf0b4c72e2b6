#include "services/supplier-tracking/projections/steps/commitment_words.h"

#include "absl/strings/str_cat.h"

namespace throughline::supplier {

using absl::StrCat;

std::optional<StepWords> CommitmentWords(const ownership::v1::Commitment& owed, const std::string& who) {
  const std::string quoted = StrCat(": \"", owed.text(), "\"");
  StepWords words;
  switch (owed.kind()) {
    case ownership::v1::COMMITMENT_KIND_PROMISE:
      words.staff = StrCat(who, " has promised the customer", quoted);
      words.customer = StrCat("We promised you", quoted);
      break;
    case ownership::v1::COMMITMENT_KIND_NEXT_ACTION:
      words.staff = StrCat(who, " does", quoted);
      break;
    case ownership::v1::COMMITMENT_KIND_NEXT_UPDATE:
      words.staff = StrCat("the customer hears from ", who);
      words.customer = "You hear from us";
      break;
    case ownership::v1::COMMITMENT_KIND_REPLY:
      words.staff = StrCat(who, " answers the customer");
      words.customer = "We answer you";
      break;
    case ownership::v1::COMMITMENT_KIND_HELP:
      words.staff = StrCat(who, " helps", quoted);
      break;
    case ownership::v1::COMMITMENT_KIND_APPROVAL:
      words.staff = StrCat(who, " decides about a remedy");
      break;
    case ownership::v1::COMMITMENT_KIND_ESCALATION:
      words.staff = StrCat(who, " acknowledges the escalation");
      break;
    case ownership::v1::COMMITMENT_KIND_ESCALATION_DECISION:
      words.staff = StrCat(who, " decides about the escalation");
      break;
    case ownership::v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER:
      words.staff = StrCat(who, " says whether the customer takes the other remedy");
      break;
    default:
      return std::nullopt;
  }
  return words;
}

}  // namespace throughline::supplier
