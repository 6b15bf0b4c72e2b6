// libFuzzer's target for every format: any bytes as a payload of the format that the environment names in
// THROUGHLINE_FUZZ_FORMAT. Either an error that says what is wrong, or items that a record can hold; what is kept of an
// item alone can be read again. See scripts/fuzz.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "services/supplier-tracking/carriers/carrier_adapter.h"

namespace {

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

const throughline::supplier::CarrierAdapter* adapter_under_test = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  static const auto& carriers = *throughline::supplier::Carriers::Load("").value().release();
  const char* format = std::getenv("THROUGHLINE_FUZZ_FORMAT");
  Check(format != nullptr, "THROUGHLINE_FUZZ_FORMAT names no format");
  adapter_under_test = carriers.Find(format);
  Check(adapter_under_test != nullptr, "THROUGHLINE_FUZZ_FORMAT is no format");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using throughline::supplier::Judgement;
  using throughline::supplier::ParsedItem;
  const auto& adapter = *adapter_under_test;
  const auto items = adapter.Parse({reinterpret_cast<const char*>(data), size});
  if (!items.ok()) {
    Check(!items.status().message().empty(), "an error without a text");
    return 0;
  }
  Check(items->size() <= 2001, "more items than the bound");
  for (const ParsedItem& item : *items) {
    if (item.kind == ParsedItem::Kind::kMalformed) {
      Check(!item.error.ok() && !item.raw.empty(), "a malformed item without error or bytes");
      continue;
    }
    Check(!item.event.tracking_number().empty(), "an item without a number");
    if (item.kind == ParsedItem::Kind::kExpectation) continue;
    Check(item.event.time().has_instant(), "a scan without a time");
    const bool known = item.judgement.kind == Judgement::Kind::kKnown;
    Check(known == item.judgement.why.empty(), "a doubt without a reason");
    Check(adapter.Parse(item.raw).ok(), "what is kept of an item cannot be read again");
  }
  return 0;
}
