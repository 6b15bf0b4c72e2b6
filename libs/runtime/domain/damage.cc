#include "libs/runtime/domain/damage.h"

#include <spdlog/spdlog.h>

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {

absl::Status RowUnreadable(const store::DamagedRow& damaged) {
  spdlog::error("{}", damaged.what());
  return Refuse(absl::StatusCode::kDataLoss, "ROW_UNREADABLE", damaged.what());
}

}  // namespace throughline::runtime
