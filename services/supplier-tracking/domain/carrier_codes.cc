#include "services/supplier-tracking/domain/carrier_codes.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/checks.h"

namespace throughline::supplier {
namespace {

using State = CarrierCodes::State;

auto KeyOf(const v1::CarrierCode& code, const std::string& text) {
  return std::tie(code.api_version(), code.type(), code.code(), text);
}

// The first whose key is not less.
int Place(const State& state, const v1::CarrierCode& code, const std::string& text) {
  const auto& mapped = state.mapped();
  const auto at =
      std::lower_bound(mapped.begin(), mapped.end(), KeyOf(code, text),
                       [](const auto& one, const auto& key) { return KeyOf(one.code(), one.text()) < key; });
  return static_cast<int>(at - mapped.begin());
}

const v1::CodeMapped* Find(const State& state, const v1::CarrierCode& code, const std::string& text) {
  const int at = Place(state, code, text);
  if (at == state.mapped_size() || KeyOf(state.mapped(at).code(), state.mapped(at).text()) != KeyOf(code, text)) {
    return nullptr;
  }
  return &state.mapped(at);
}

absl::Status Check(const v1::MapCarrierCodeRequest& request) {
  runtime::FieldViolations bad;
  CheckPartyId(bad, "carrier", request.carrier());
  if (request.code().type().empty() && request.code().code().empty()) {
    bad.Add("code", "is empty: give the carrier's type, or code, or both, as ListQuarantine shows them");
  }
  if (!request.text().empty() && request.code().code().empty()) bad.Add("text", "needs a code beside it: add one");
  if (!request.withdraw() && request.state() == v1::TRACKING_STATE_UNSPECIFIED) {
    bad.Add("state", "is not set: name the state of the shipment");
  }
  runtime::RequireField(bad, "source", request.source(), "say which of the carrier's documents tells it");
  return bad.ToStatus();
}

bool SameMeaning(const v1::CodeMapped& mapped, const v1::MapCarrierCodeRequest& request) {
  return mapped.state() == request.state() && mapped.reason() == request.reason() &&
         mapped.delayed() == request.delayed() && mapped.return_leg() == request.return_leg();
}

}  // namespace

CarrierCodes::Decision CarrierCodes::Decide(const State& state, const MapCarrierCode& command,
                                            const runtime::Caller& caller) {
  const v1::MapCarrierCodeRequest& request = command.request;
  if (absl::Status status = Check(request); !status.ok()) return status;
  const v1::CodeMapped* known = Find(state, request.code(), request.text());
  Event event;
  if (request.withdraw()) {
    if (known == nullptr) {
      return runtime::Refuse(absl::StatusCode::kNotFound, "NOT_MAPPED",
                             "nothing was said of this code and text: see ListMappedCodes");
    }
    auto& withdrawn = *event.mutable_withdrawn();
    *withdrawn.mutable_code() = request.code();
    withdrawn.set_text(request.text());
    withdrawn.set_reason(request.source());
    withdrawn.set_withdrawn_by(caller.id);
    *withdrawn.mutable_withdrawn_at() = runtime::ToProto(caller.time);
    return std::vector{std::move(event)};
  }
  if (known != nullptr && SameMeaning(*known, request)) return std::vector<Event>();
  if (known == nullptr && command.named_by_map) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "CODE_KNOWN",
                           absl::StrCat("the map of ", request.carrier(),
                                        " names this code already: change the map's file, if it is wrong"));
  }
  if (known == nullptr && state.mapped_size() >= kMaxMappedCodes) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "TOO_MANY_CODES",
                           absl::StrCat(kMaxMappedCodes, " codes of ", request.carrier(),
                                        " are kept here, which is the limit: put them into a map's file"));
  }
  auto& mapped = *event.mutable_mapped();
  *mapped.mutable_code() = request.code();
  mapped.set_text(request.text());
  mapped.set_state(request.state());
  mapped.set_reason(request.reason());
  mapped.set_delayed(request.delayed());
  mapped.set_return_leg(request.return_leg());
  mapped.set_source(request.source());
  mapped.set_mapped_by(caller.id);
  *mapped.mutable_mapped_at() = runtime::ToProto(caller.time);
  return std::vector{std::move(event)};
}

void CarrierCodes::Evolve(State& state, const Event& event) {
  auto& list = *state.mutable_mapped();
  switch (event.event_case()) {
    case Event::kMapped: {
      const v1::CodeMapped& mapped = event.mapped();
      const int at = Place(state, mapped.code(), mapped.text());
      if (Find(state, mapped.code(), mapped.text()) == nullptr) {
        list.Add();
        std::rotate(list.pointer_begin() + at, list.pointer_end() - 1, list.pointer_end());
      }
      *list.Mutable(at) = mapped;
      return;
    }
    case Event::kWithdrawn: {
      const v1::CodeWithdrawn& withdrawn = event.withdrawn();
      if (Find(state, withdrawn.code(), withdrawn.text()) == nullptr) return;
      list.erase(list.begin() + Place(state, withdrawn.code(), withdrawn.text()));
      return;
    }
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::supplier
