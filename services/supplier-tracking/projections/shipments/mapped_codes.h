#pragma once

// The codes that got a meaning at run time, from the streams `carrier-codes/*`. Who reads maps watches kMappedCodes.

#include <vector>

#include "libs/runtime/fold/projection.h"
#include "libs/store/key_value.h"
#include "throughline/supplier/v1/carrier_map.pb.h"

namespace throughline::supplier {

// Watch topic: a code got a meaning, or has none any more.
inline constexpr char kMappedCodesChanged[] = "mapped-codes";

class MappedCodesProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// All of them, as maps: one per carrier and version.
std::vector<v1::CarrierMap> MappedCodes(const store::KeyValue& rows);

}  // namespace throughline::supplier
