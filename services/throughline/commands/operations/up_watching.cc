// The options of `throughline up` about how orders and shipments are watched, as the settings of supplier-tracking's
// program.

#include "services/throughline/cli/values.h"
#include "services/throughline/commands/operations/up_options.h"

namespace throughline::tool {

void AddWatching(CLI::App& up, supplier::Config& rules) {
  const absl::Duration kYear = absl::Hours(24 * 366), kMost = absl::Hours(24 * 90);
  AddPeriod(up, "--leg-awaited-for", rules.leg_awaited_for, absl::Minutes(1), kYear,
            "For how long after the end of a leg the next carrier is awaited before the gap is raised");
  up.add_option("--proof-of-delivery-by", rules.proof_carriers,
                "Carriers that give proof of every delivery, as in ups,dhl: one without it is raised (default: none)")
      ->type_name("CARRIERS");
  AddPeriod(up, "--proof-awaited-for", rules.proof_awaited_for, absl::Minutes(1), kYear,
            "For how long after a delivery its proof is awaited");
  AddPeriod(up, "--receipt-awaited-for", rules.receipt_awaited_for, absl::Minutes(1), kYear,
            "For how long after a carrier has reached a store of ours the store's receipt scan is awaited");
  up.add_option("--risk-percent", rules.risk_percent,
                "From this probability of being late on, by our history, a promise is at risk; 101: never")
      ->capture_default_str()
      ->check(WholeNumber(1, 101));
  supplier::Patience& patience = rules.patience;
  AddPeriod(up, "--pick-up-within", patience.not_picked_up, absl::Hours(24), kMost,
            "How long after its announcement a parcel may not be with the carrier before that is raised");
  AddPeriod(up, "--silence-within", patience.silence, absl::Hours(36), kMost,
            "How long a carrier may be silent before that is raised, on lanes without history");
  AddPeriod(up, "--collect-within", patience.unclaimed, absl::Hours(48), kMost,
            "How long a parcel may wait for its collection before that is raised");
  AddPeriod(up, "--customs-within", patience.customs, absl::Hours(24), kMost,
            "How long customs may hold a parcel before that is raised");
}

}  // namespace throughline::tool
