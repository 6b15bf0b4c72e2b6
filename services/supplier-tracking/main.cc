// throughline-supplier-tracking: a replica of the supplier-tracking service, on Kafka.

#include <unistd.h>

#include "services/process/kafka_service.h"
#include "services/supplier-tracking/supplier_tracking.h"

int main(int argc, char** argv) {
  using namespace throughline;
  supplier::Config rules;
  process::ServiceConfig config(log::Topic::kSupplierTracking);
  process::Settings settings(config.program(), "Where is the order, whose hands is it in, will it keep its promise?");
  config.Declare(settings);
  std::string reps_read = "all";
  settings.Choice("reps-read", reps_read, {"all", "team"},
                  "Which orders a rep may read: all, or those that they or somebody of their team owns");
  settings.Text("fallback-owner", rules.fallback_owner,
                "Owner of orders that systems place without naming one; \"\": refuse such orders");
  settings.Text("customer-contact", rules.customer_contact,
                "How customers reach us about an order, as they read it: a telephone number, an address");
  settings.Text("carrier-maps", rules.carrier_maps,
                "Folder of the carriers' maps; default: those built into the program");
  settings.Period("leg-awaited-for", rules.leg_awaited_for, absl::Minutes(1), absl::Hours(24 * 366),
                  "For how long after the end of a leg the next carrier is awaited before the gap is raised");
  settings.Text("proof-of-delivery-by", rules.proof_carriers,
                "Carriers that give proof of every delivery, as in ups,dhl: one without it is raised; default: none");
  settings.Period("proof-awaited-for", rules.proof_awaited_for, absl::Minutes(1), absl::Hours(24 * 366),
                  "For how long after a delivery its proof is awaited");
  settings.Period("receipt-awaited-for", rules.receipt_awaited_for, absl::Minutes(1), absl::Hours(24 * 366),
                  "For how long after a carrier has reached a store of ours the store's receipt scan is awaited");
  settings.Number("risk-percent", rules.risk_percent, 1, 101,
                  "From this probability of being late on, by our history, a promise is at risk; 101: never");
  settings.Period("pick-up-within", rules.patience.not_picked_up, absl::Hours(24), absl::Hours(24 * 90),
                  "How long after its announcement a parcel may not be with the carrier before that is raised");
  settings.Period("silence-within", rules.patience.silence, absl::Hours(36), absl::Hours(24 * 90),
                  "How long a carrier may be silent before that is raised, on lanes without history");
  settings.Period("collect-within", rules.patience.unclaimed, absl::Hours(48), absl::Hours(24 * 90),
                  "How long a parcel may wait for its collection before that is raised");
  settings.Period("customs-within", rules.patience.customs, absl::Hours(24), absl::Hours(24 * 90),
                  "How long customs may hold a parcel before that is raised");
  settings.Number("push-window", rules.push_window, 1, 100'000, "Events in flight at a time, per stream");
  settings.Number("document-window", rules.document_window, 1, 1'000,
                  "Vendors' documents in flight at a time, per stream");
  settings.Number("document-kib", rules.max_document_bytes, 1, 4'096,
                  "The most KiB that a vendor's document may have; less where the log's records are smaller", 1 << 10);
  if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
  rules.reps_read = ownership::ParseRepsRead(reps_read);
  rules.FitRecords(config.process.engine.commands.record_bytes);
  return process::RunOnKafka(config, [&] { return process::ServiceOf(supplier::Define, supplier::MakeApi, rules); });
}
