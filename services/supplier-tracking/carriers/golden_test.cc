// Every payload of testdata/ gives exactly what the file beside it says (`NAME.expected`): for each item a line with
// its kind, and its StatusEvent in protobuf text format. To write the files anew, and then read the difference:
//
//   THROUGHLINE_WRITE_EXPECTED=1 build/release/bin/supplier_carriers_test --gtest_filter='Golden.*'

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"

namespace throughline::supplier {
namespace {

std::string Line(const ParsedItem& item) {
  switch (item.kind) {
    case ParsedItem::Kind::kMalformed:
      return absl::StrCat("malformed: ", item.error.message());
    case ParsedItem::Kind::kExpectation:
      return absl::StrCat("expectation, stated at ", absl::FormatTime(runtime::FromProto(item.eta_stated_at)));
    case ParsedItem::Kind::kEvent:
      break;
  }
  const Judgement& judgement = item.judgement;
  switch (judgement.kind) {
    case Judgement::Kind::kUnmapped:
      return absl::StrCat("quarantine: ", judgement.why);
    case Judgement::Kind::kConflicting:
      return absl::StrCat("contradiction: ", judgement.why);
    case Judgement::Kind::kKnown:
      break;
  }
  return absl::StrCat("scan: ", v1::TrackingState_Name(judgement.meaning.state()), " ",
                      v1::TrackingReason_Name(judgement.meaning.reason()), judgement.return_leg ? ", return leg" : "",
                      judgement.meaning.flags_size() > 0 ? ", delayed" : "");
}

std::string Said(const absl::StatusOr<std::vector<ParsedItem>>& items) {
  if (!items.ok()) return absl::StrCat("# refused: ", items.status().message(), "\n");
  std::string said;
  for (const ParsedItem& item : *items) {
    std::string event;
    google::protobuf::TextFormat::PrintToString(item.event, &event);
    absl::StrAppend(&said, "# ", Line(item), "\n");
    if (item.corrects) {
      absl::StrAppend(&said, "# corrects code \"", item.corrects->code().code(), "\" of ",
                      item.corrects->time().local_time(), "\n");
    }
    if (!item.sent_number.empty()) absl::StrAppend(&said, "# sent as \"", item.sent_number, "\"\n");
    for (const std::string& warning : item.warnings) absl::StrAppend(&said, "# warning: ", warning, "\n");
    absl::StrAppend(&said, event);
  }
  return said.empty() ? "# nothing\n" : said;
}

TEST(Golden, EveryPayloadGivesWhatTheFileBesideItSays) {
  const auto carriers = Carriers::Load("");
  ASSERT_TRUE(carriers.ok()) << carriers.status();
  for (const TestPayload& payload : AllPayloads()) {
    const CarrierAdapter* adapter = (*carriers)->Find(payload.format);
    ASSERT_NE(adapter, nullptr) << payload.format;
    const std::string said = Said(adapter->Parse(payload.body));
    const std::string beside = payload.path + ".expected";
    if (std::getenv("THROUGHLINE_WRITE_EXPECTED") != nullptr) std::ofstream(beside) << said;
    const auto expected = files::ReadFile(beside);
    ASSERT_TRUE(expected) << beside << " is missing";
    EXPECT_EQ(said, *expected) << payload.path;
  }
}

}  // namespace
}  // namespace throughline::supplier
