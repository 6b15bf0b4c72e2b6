// What the reader makes of a document of each kind; and that it reads what the schema says, and nothing else.

#include "services/supplier-tracking/documents/read_document.h"

#include <algorithm>
#include <set>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include <nlohmann/json.hpp>

#include "services/supplier-tracking/documents/testing_documents.h"

namespace throughline::supplier {
namespace {

using nlohmann::json;

constexpr char kHead[] = R"(order_id: "SO-1" vendor_id: "acme" stated_at { seconds: 1772366400 } )";

void ExpectRead(const std::string& kind, const std::string& expected) {
  const auto read = ReadDocument("acme", Document(kind));
  ASSERT_TRUE(read.ok()) << kind << ": " << read.status();
  v1::RecordVendorUpdateRequest request;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kHead + expected, &request)) << expected;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*read, request)) << read->ShortDebugString();
}

TEST(ReadDocument, ReadsEveryKind) {
  ExpectRead("acknowledged", R"(line_ids: "1" acknowledged { vendor_reference: "A-77"
    expected_dispatch { seconds: 1772442000 } expected_delivery { date: "2026-03-04" } })");
  ExpectRead("backordered", R"(backordered { reason: "none left" expected_restock { seconds: 1772528400 } })");
  ExpectRead("delayed", R"(line_ids: "1" delayed { reason: "machine down" expected_dispatch { seconds: 1772528400 }
    expected_delivery { latest { seconds: 1772665200 } } })");
  ExpectRead("dispatched", R"(line_ids: "1" dispatched { carrier: "ups" tracking_number: "1Z999AA10123456784"
    quantities { line_id: "1" quantity: 2 } serials { line_id: "1" serial_number: "SN-1" }
    cartons { sscc: "376104250021234569" contents { line_id: "1" quantity: 2 }
              serials { line_id: "1" serial_number: "SN-2" } } })");
  ExpectRead("short_shipped", R"(line_ids: "1" short_shipped { reason: "the last box was damaged"
    quantities { line_id: "1" quantity: 1 } expected_restock { seconds: 1772528400 } })");
  ExpectRead("refused", R"(line_ids: "1" refused { reason: "discontinued" })");
  ExpectRead("split", R"(line_ids: "1" split { reason: "two machines"
    parts { quantity: 2 expected_dispatch { seconds: 1772445600 } }
    parts { quantity: 1 expected_delivery { date: "2026-03-05" } } })");
  ExpectRead("substituted", R"(line_ids: "1" substituted { sku: "LAMP-8" description: "Desk lamp, black" quantity: 2
    reason: "LAMP-7 is no longer made" expected_dispatch { seconds: 1772445600 } })");
}

json Schema() {
  const auto text = files::ReadFile("services/supplier-tracking/documents/vendor-document.schema.json");
  EXPECT_TRUE(text);
  return json::parse(text.value_or("{}"));
}

std::set<std::string> Names(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

TEST(ReadDocument, KnowsWhatTheSchemaKnows) {
  const json definitions = Schema()["$defs"];
  int objects = 0;
  for (const auto& [name, definition] : definitions.items()) {
    if (!definition.contains("properties")) continue;
    ++objects;
    EXPECT_EQ(definition["additionalProperties"], false) << name;
    const std::vector<std::string> members = DocumentMembers(name);
    EXPECT_EQ(Names(definition["properties"]), std::set<std::string>(members.begin(), members.end())) << name;
  }
  EXPECT_EQ(objects, 6);
  std::vector<std::string> kinds = definitions["document"]["properties"]["kind"]["enum"];
  std::sort(kinds.begin(), kinds.end());
  EXPECT_EQ(kinds, DocumentKinds());
}

// What the schema requires of an object is refused without it.
TEST(ReadDocument, NeedsWhatTheSchemaRequires) {
  const json schema = Schema();
  for (const std::string& kind : DocumentKinds()) {
    for (const std::string& member : schema["$defs"]["document"]["required"]) {
      json document = json::parse(Document(kind));
      document.erase(member);
      EXPECT_EQ(ReadDocument("acme", document.dump()).status().code(), absl::StatusCode::kInvalidArgument)
          << kind << " without " << member;
    }
  }
}

}  // namespace
}  // namespace throughline::supplier
