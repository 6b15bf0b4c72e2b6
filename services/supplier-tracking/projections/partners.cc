#include "services/supplier-tracking/projections/partners.h"

#include <algorithm>

#include "absl/algorithm/container.h"

#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

void PartnerProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const auto& actor = commit.header->actor();
  if (commit.position.partition.topic != log::Topic::kSupplierTracking || actor.party().empty() ||
      !absl::c_linear_search(actor.roles(), common::v1::ROLE_PARTNER)) {
    return;
  }
  // Partitions are folded in any order: the latest counts.
  const int64_t at = absl::ToUnixSeconds(commit.time);
  const int64_t known = kPartners.Get(batch, actor.party()).value_or(0);
  if (at > known) kPartners.Put(batch, actor.party(), at);
}

std::vector<std::pair<std::string, double>> LastEvents(const store::KeyValue& reader) {
  std::vector<std::pair<std::string, double>> events;
  kPartners.Scan(reader, "", [&](std::string_view, const auto& key, int64_t at) {
    events.emplace_back(std::get<0>(key), static_cast<double>(at));
    return true;
  });
  return events;
}

}  // namespace throughline::supplier
