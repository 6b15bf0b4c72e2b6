#include "services/supplier-tracking/projections/concerns/concern_rows.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/projection.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

std::string Label(v1::ConcernKind kind) {
  const std::string name = v1::ConcernKind_Name(kind);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "CONCERN_KIND_"));
}

std::string Counter(v1::ConcernKind kind) { return absl::StrCat(kOrdersWithConcern, "/", Label(kind)); }

std::set<v1::ConcernKind> KindsOf(const Concerns& concerns) {
  std::set<v1::ConcernKind> kinds;
  for (const v1::OrderConcern& concern : concerns) kinds.insert(concern.kind());
  return kinds;
}

}  // namespace

void NoteConcerns(const Concerns& before, const v1::OrderView& order, store::Batch& batch) {
  if (before.empty() && order.concerns().empty()) return;
  const std::set<v1::ConcernKind> were = KindsOf(before), are = KindsOf(order.concerns());
  for (const v1::ConcernKind kind : are) {
    if (!were.contains(kind)) runtime::Count(batch, Counter(kind), 1);
  }
  for (const v1::ConcernKind kind : were) {
    if (!are.contains(kind)) runtime::Count(batch, Counter(kind), -1);
  }
  const store::Descending at{runtime::FromProto(order.placed_at())};
  if (were.empty() && !are.empty()) kWithConcern.Put(batch, at, order.order_id(), std::string());
  if (!were.empty() && are.empty()) kWithConcern.Delete(batch, at, order.order_id());
}

std::vector<std::pair<std::string, double>> OrdersWithConcern(const store::KeyValue& reader) {
  std::vector<std::pair<std::string, double>> orders;
  const google::protobuf::EnumDescriptor& kinds = *v1::ConcernKind_descriptor();
  for (int i = 0; i < kinds.value_count(); ++i) {
    const auto kind = static_cast<v1::ConcernKind>(kinds.value(i)->number());
    if (kind == v1::CONCERN_KIND_UNSPECIFIED) continue;
    orders.emplace_back(Label(kind), static_cast<double>(runtime::Counted(reader, Counter(kind))));
  }
  return orders;
}

}  // namespace throughline::supplier
