#include "services/supplier-tracking/projections/shipments/mapped_codes.h"

#include "services/supplier-tracking/domain/carrier_codes.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {

void MappedCodesProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != CarrierCodes::kKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::CarrierCodesEvent>(i);
    switch (event.event_case()) {
      case v1::CarrierCodesEvent::kMapped: {
        const v1::CarrierCode& code = event.mapped().code();
        v1::MappedCode row;
        row.set_carrier(commit.stream.key);
        *row.mutable_mapped() = event.mapped();
        kMapped.Put(batch, commit.stream.key, code.api_version(), code.type(), code.code(), event.mapped().text(), row);
        break;
      }
      case v1::CarrierCodesEvent::kWithdrawn: {
        const v1::CarrierCode& code = event.withdrawn().code();
        kMapped.Delete(batch, commit.stream.key, code.api_version(), code.type(), code.code(),
                       event.withdrawn().text());
        break;
      }
      case v1::CarrierCodesEvent::EVENT_NOT_SET:
        break;
    }
  }
  batch.Notify(kMappedCodesChanged);
}

std::vector<v1::CarrierMap> MappedCodes(const store::KeyValue& rows) {
  std::vector<v1::CarrierMap> maps;
  kMapped.Scan(rows, "", [&](std::string_view, const auto&, const v1::MappedCode& row) {
    const v1::CodeMapped& mapped = row.mapped();
    const bool another = maps.empty() || maps.back().carrier() != row.carrier() ||
                         maps.back().api_version() != mapped.code().api_version();
    if (another) {
      maps.emplace_back().set_carrier(row.carrier());
      maps.back().set_api_version(mapped.code().api_version());
    }
    v1::CarrierMapEntry& entry = *maps.back().add_entries();
    entry.set_type(mapped.code().type());
    entry.set_code(mapped.code().code());
    entry.set_text(mapped.text());
    entry.set_state(mapped.state());
    entry.set_reason(mapped.reason());
    if (mapped.delayed()) entry.add_flags(v1::TRACKING_FLAG_DELAYED);
    entry.set_return_leg(mapped.return_leg());
    entry.set_source(mapped.source());
    return true;
  });
  return maps;
}

}  // namespace throughline::supplier
