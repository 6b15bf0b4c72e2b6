#pragma once

// The rules of a carrier's codes that no map names, the stream `carrier-codes/<carrier>`: an administrator says what
// one means, and may take that back. All replicas then read it alike, whatever files they have.
//
// Pure functions; any thread.

#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/supplier/v1/carrier_codes.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// How many codes of one carrier are kept; more belong into a map's file.
inline constexpr int kMaxMappedCodes = 1000;

struct MapCarrierCode {
  v1::MapCarrierCodeRequest request;
  bool named_by_map = false;  // a file or the binary names this very code
};

struct CarrierCodes {
  static constexpr char kKind[] = "carrier-codes";
  using State = v1::CarrierCodesState;
  using Event = v1::CarrierCodesEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // INVALID_ARGUMENT without code, state or source; FAILED_PRECONDITION CODE_KNOWN if a map names it, TOO_MANY_CODES;
  // NOT_FOUND NOT_MAPPED for a withdrawal of nothing.
  static Decision Decide(const State& state, const MapCarrierCode& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::supplier
