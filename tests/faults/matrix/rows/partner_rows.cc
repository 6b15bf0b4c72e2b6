// Row 12: a partner delivers events twice, late and in any order, and every shipment ends the same.

#include <algorithm>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/scene.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::faults {
namespace {

using supplier::v1::PushStatusEventsRequest;
using supplier::v1::PushStatusEventsResponse;
using testing::Replica;

constexpr int kEvents = 12;
constexpr int kDoubled = 6;

std::string NumberOf(int shipment) { return absl::StrFormat("1Z%08d", shipment); }

PushStatusEventsRequest EventOf(int shipment, int event) {
  using supplier::v1::TrackingState;
  PushStatusEventsRequest request;
  auto& status = *request.mutable_event();
  status.set_carrier("ups");
  status.set_tracking_number(NumberOf(shipment));
  status.mutable_status()->set_state(static_cast<TrackingState>(2 + event * 5 % 9));
  if (event % 3 == 0) status.mutable_status()->add_flags(supplier::v1::TRACKING_FLAG_DELAYED);
  status.set_text(absl::StrCat("scan ", event));
  status.mutable_place()->set_city(event % 2 == 0 ? "Louisville" : "Hodgkins");
  // Several at the same instant.
  status.mutable_time()->mutable_instant()->set_seconds(1'772'366'400 + event * 7 % 5 * 600);
  if (event % 4 == 1) {
    status.mutable_eta()->mutable_latest()->set_seconds(1'772'800'000 + event * 100);
  }
  return request;
}

// A shipment without its name, the fingerprints derived from it, and the receiving times.
std::string Bytes(const client::Client& client, int shipment, int& scans) {
  supplier::v1::GetShipmentRequest request;
  request.set_carrier("ups");
  request.set_tracking_number(NumberOf(shipment));
  request.set_page_size(1000);
  auto got = client.Call<supplier::v1::GetShipmentResponse>(request);
  if (!got.ok()) return got.status().ToString();
  got->clear_consistency_token();
  got->mutable_shipment()->clear_shipment();
  got->mutable_shipment()->clear_tracking_number();
  got->mutable_shipment()->clear_version();
  scans = got->scans_size();
  std::vector<std::string> each;
  for (auto& scan : *got->mutable_scans()) {
    scan.clear_fingerprint();
    scan.clear_received_at();
    each.push_back(scan.SerializeAsString());
  }
  // Scans of the same instant are ordered by their fingerprints.
  std::sort(each.begin(), each.end());
  std::string bytes = got->shipment().SerializeAsString();
  for (const std::string& scan : each) bytes += scan;
  return bytes;
}

struct Tally {
  std::atomic<int64_t> sent{0}, accepted{0}, duplicate{0}, other{0};
};

void RunPermutations(const Context& context, Outcome& outcome) {
  const int shipments = static_cast<int>(context.settings.commands / (kEvents + kDoubled)) + 1;
  Scene scene(context, outcome);
  testing::KafkaSuite::Options options;
  options.services = {log::Topic::kSupplierTracking};
  if (!scene.Begin(1, options)) return;
  std::mt19937_64 random(context.seed());
  // Each replica's part of the partner's deliveries, in order.
  std::vector<PushStatusEventsRequest> deliveries[2];
  for (int shipment = 0; shipment < shipments; ++shipment) {
    for (int event = 0; event < kEvents + kDoubled; ++event) {
      const int which = event < kEvents ? event : static_cast<int>(random() % kEvents);
      deliveries[shipment == 0 ? 0 : random() % 2].push_back(EventOf(shipment, which));
    }
  }
  for (auto& some : deliveries) std::shuffle(some.begin(), some.end(), random);
  Tally tally;
  std::vector<absl::Status> statuses(2);
  std::vector<std::thread> partners;
  for (int i = 0; i < 2; ++i) {
    partners.emplace_back([&, i] {
      const client::Client ups(scene.suite().OptionsFor({log::Topic::kSupplierTracking, i}, "ups"));
      size_t at = 0;
      statuses[static_cast<size_t>(i)] = ups.Push<PushStatusEventsRequest, PushStatusEventsResponse>(
          [&](PushStatusEventsRequest& request) {
            if (at == deliveries[i].size()) return false;
            request = deliveries[i][at++];
            ++tally.sent;
            return true;
          },
          [&](const auto&, const PushStatusEventsResponse& answer) {
            if (answer.result() == supplier::v1::PUSH_RESULT_ACCEPTED)
              ++tally.accepted;
            else if (answer.result() == supplier::v1::PUSH_RESULT_DUPLICATE)
              ++tally.duplicate;
            else
              ++tally.other;
          });
    });
  }
  for (std::thread& partner : partners) partner.join();
  for (const absl::Status& status : statuses) outcome.Holds(status, "pushing");
  outcome.sent = tally.sent;
  outcome.acknowledged = tally.accepted + tally.duplicate;
  outcome.refused = tally.other;
  outcome.injected = absl::StrCat(shipments, " permutations of ", kEvents, " events, ", kDoubled,
                                  " of them doubled, over two replicas");
  outcome.Note(absl::StrCat("new ", tally.accepted.load(), ", duplicates ", tally.duplicate.load()));
  if (tally.accepted != int64_t{kEvents} * shipments)
    outcome.Problem(absl::StrCat(tally.accepted.load(), " events counted as new instead of ", kEvents * shipments));

  Audit audit(scene.suite().options().brokers, scene.suite().prefix(), scene.suite().options().partitions);
  outcome.Holds(audit.ReadUntilQuiet(), "reading the topics");
  outcome.void_commits = audit.voided();
  for (const std::string& problem : audit.problems()) outcome.Problem("the topics: " + problem);
  if (!outcome.Holds(scene.suite().Add(log::Topic::kSupplierTracking).status(), "folding from offset 0")) return;
  std::string expected;
  int otherwise = 0;
  for (const Replica& replica : scene.suite().replicas()) {
    const client::Client reader(scene.suite().OptionsFor(replica, "dashboard"));
    for (int shipment = 0; shipment < shipments; ++shipment) {
      int scans = 0;
      const std::string bytes = Bytes(reader, shipment, scans);
      outcome.lost += scans < kEvents;
      outcome.doubled += scans > kEvents;
      if (expected.empty()) expected = bytes;
      otherwise += bytes != expected;
    }
  }
  if (otherwise > 0) outcome.Problem(absl::StrCat(otherwise, " shipments ended otherwise than the first"));
  for (std::string& complaint : scene.suite().TerminateAll()) outcome.Problem(std::move(complaint));
  CompareStores(scene.suite(), audit, outcome);
}

}  // namespace

std::vector<Row> PartnerRows() {
  return {{12, "duplicated, delayed, reordered delivery from a partner", 1, RunPermutations}};
}

}  // namespace throughline::faults
