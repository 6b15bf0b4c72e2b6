#pragma once

// Reports a shipment to its order when it is announced or when its delivery, failure, hand-over, proof or ETA may have
// changed. The order records only what is new to it; other scans cause no command.

#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"

#include "libs/runtime/reactions/reactor.h"
#include "services/supplier-tracking/domain/collection/collection.h"

namespace throughline::supplier {

class ObserveShipments : public runtime::Reactor {
 public:
  // `leg_awaited_for`: how long after the end of a leg the next one is awaited. `proof_awaited_for`: how long after a
  // delivery its proof is, of these carriers. `collection`: how long a store's receipt and a collection are.
  ObserveShipments(absl::Duration leg_awaited_for, absl::Duration proof_awaited_for, std::set<std::string> prove,
                   const CollectionTimes& collection)
      : leg_awaited_for_(leg_awaited_for),
        proof_awaited_for_(proof_awaited_for),
        prove_(std::move(prove)),
        collection_(collection) {}

  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const absl::Duration leg_awaited_for_, proof_awaited_for_;
  const std::set<std::string> prove_;
  const CollectionTimes collection_;
};

}  // namespace throughline::supplier
