#include <utility>

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/code_maps.h"
#include "services/supplier-tracking/carriers/formats/parsing.h"

namespace throughline::supplier {

Carriers::Carriers(std::unique_ptr<CodeMaps> maps) : maps_(std::move(maps)) {
  // Sorted by format.
  adapters_.push_back(MakeEasypostWebhook(*maps_));
  adapters_.push_back(MakeUpsTrackAlert(*maps_));
  adapters_.push_back(MakeUspsTrackingV3(*maps_));
}

Carriers::~Carriers() = default;

absl::StatusOr<std::unique_ptr<Carriers>> Carriers::Load(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<CodeMaps>> maps =
      directory.empty() ? CodeMaps::Parse(EmbeddedMapFiles()) : CodeMaps::Read(directory);
  if (!maps.ok()) return maps.status();
  return std::unique_ptr<Carriers>(new Carriers(*std::move(maps)));
}

const CarrierAdapter* Carriers::Find(std::string_view format) const {
  for (const auto& adapter : adapters_) {
    if (adapter->Format() == format) return adapter.get();
  }
  return nullptr;
}

std::vector<std::string_view> Carriers::Formats() const {
  std::vector<std::string_view> formats;
  for (const auto& adapter : adapters_) formats.push_back(adapter->Format());
  return formats;
}

Judgement Carriers::Judge(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const {
  return JudgeCode(*maps_, carrier, code, text);
}

}  // namespace throughline::supplier
