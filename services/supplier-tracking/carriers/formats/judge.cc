// What a code means, and whether the rest of the message says otherwise.

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/formats/draft.h"

namespace throughline::supplier {
namespace {

std::string Quoted(const v1::CarrierCode& code) {
  return absl::StrCat(code.type().empty() ? "" : absl::StrCat("type \"", code.type(), "\" "), "code \"", code.code(),
                      "\"");
}

std::string Plain(v1::TrackingState state) {
  std::string name = v1::TrackingState_Name(state);
  constexpr std::string_view kPrefix = "TRACKING_STATE_";
  return name.rfind(kPrefix, 0) == 0 ? name.substr(kPrefix.size()) : name;
}

// Where a signature or a photograph of the delivery can be.
bool FitsProof(v1::TrackingState state) {
  switch (state) {
    case v1::TRACKING_STATE_DELIVERED:
    case v1::TRACKING_STATE_RETURNED:
    case v1::TRACKING_STATE_READY_FOR_PICKUP:
    case v1::TRACKING_STATE_HANDED_OVER:
      return true;
    default:
      return false;
  }
}

void Contradict(Judgement& judgement, v1::TrackingState other, std::string why) {
  judgement.kind = Judgement::Kind::kConflicting;
  judgement.other_state = other;
  judgement.why = std::move(why);
}

}  // namespace

Judgement JudgeCode(const CodeMaps& maps, std::string_view carrier, const v1::CarrierCode& code, std::string_view text,
                    const Beside& beside) {
  Judgement judgement;
  const v1::CarrierMapEntry* entry = maps.Find(carrier, code, text);
  if (entry == nullptr) {
    judgement.why = code.type().empty() && code.code().empty()
                        ? absl::StrCat(std::string(carrier), " gave no code")
                        : absl::StrCat("no map of ", std::string(carrier), " names ", Quoted(code));
    return judgement;
  }
  judgement.kind = Judgement::Kind::kKnown;
  judgement.return_leg = entry->return_leg();
  const bool returned = entry->return_leg() && entry->state() == v1::TRACKING_STATE_DELIVERED;
  judgement.meaning.set_state(returned ? v1::TRACKING_STATE_RETURNED : entry->state());
  judgement.meaning.set_reason(entry->reason());
  *judgement.meaning.mutable_flags() = entry->flags();
  const v1::TrackingState state = judgement.meaning.state();
  // An entry with this very text has decided what the text means.
  v1::TrackingState claim =
      entry->text().empty() ? maps.Refutation(carrier, *entry, state, text) : v1::TRACKING_STATE_UNSPECIFIED;
  if (claim == v1::TRACKING_STATE_UNSPECIFIED) claim = maps.Refutation(carrier, *entry, state, beside.words);
  // A code of words, of which the map knows the type alone.
  if (claim == v1::TRACKING_STATE_UNSPECIFIED && entry->code().empty()) {
    claim = maps.Refutation(carrier, *entry, state, code.code());
  }
  // Its type alone is known, and the code is known only with other types, where it means something else.
  const v1::TrackingState elsewhere =
      entry->code().empty() ? maps.StateElsewhere(carrier, code, entry->state()) : v1::TRACKING_STATE_UNSPECIFIED;
  if (claim != v1::TRACKING_STATE_UNSPECIFIED) {
    Contradict(judgement, claim, absl::StrCat(Quoted(code), " says ", Plain(state), ", the text says ", Plain(claim)));
  } else if (elsewhere != v1::TRACKING_STATE_UNSPECIFIED) {
    Contradict(judgement, elsewhere,
               absl::StrCat("type \"", code.type(), "\" says ", Plain(state), ", code \"", code.code(), "\" says ",
                            Plain(elsewhere)));
  } else if (beside.proof_of_delivery && !FitsProof(state)) {
    Contradict(judgement, v1::TRACKING_STATE_DELIVERED,
               absl::StrCat(Quoted(code), " says ", Plain(state), ", but there is a proof of delivery"));
  }
  return judgement;
}

Judgement JudgeMeaning(const CodeMaps& maps, std::string_view carrier, const v1::StatusMeaning& meaning,
                       std::string_view text) {
  Judgement judgement;
  judgement.kind = Judgement::Kind::kKnown;
  judgement.meaning = meaning;
  const v1::TrackingState claim =
      maps.Refutation(carrier, v1::CarrierMapEntry::default_instance(), meaning.state(), text);
  if (claim != v1::TRACKING_STATE_UNSPECIFIED) {
    Contradict(judgement, claim,
               absl::StrCat("the state is ", Plain(meaning.state()), ", the text says ", Plain(claim)));
  }
  return judgement;
}

}  // namespace throughline::supplier
