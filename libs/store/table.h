#pragma once

// A typed table: rows of one message (or string, or int64_t) under keys of fixed components.
//
//   inline constexpr store::Table<v1::CaseRow, std::string> kCases{16};
//
//   kCases.Put(batch, id, row);
//   std::optional<v1::CaseRow> row = kCases.Get(reader, id);
//
//   const auto visit = [](std::string_view raw_key, const auto& key, const v1::CaseRow& row) { ...; return true; };
//   kByOwner.Scan(reader, after, visit, "ana");
//
// `reader` is a KeyValue, or a Batch if its own writes must be seen. Table numbers are unique within a service: 1 to 15
// belong to the runtime (libs/runtime/fold/tables.h), 16 and up to the service. Any thread.

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "google/protobuf/message_lite.h"

#include "libs/store/batch.h"
#include "libs/store/damaged_row.h"
#include "libs/store/key.h"
#include "libs/store/key_value.h"

namespace throughline::store {

template <typename Row>
std::string EncodeRow(const Row& row) {
  if constexpr (std::is_base_of_v<google::protobuf::MessageLite, Row>) {
    return row.SerializeAsString();
  } else if constexpr (std::is_same_v<Row, std::string>) {
    return row;
  } else {
    static_assert(std::is_same_v<Row, int64_t>);
    std::string bytes;
    AppendKey(bytes, row);
    return bytes;
  }
}

template <typename Row>
Row DecodeRow(std::string_view bytes) {
  Row row{};
  if constexpr (std::is_base_of_v<google::protobuf::MessageLite, Row>) {
    if (!row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) throw DamagedRow("a row of the store");
  } else if constexpr (std::is_same_v<Row, std::string>) {
    row = std::string(bytes);
  } else {
    if (!TakeKey(bytes, row)) throw DamagedRow("a row of the store");
  }
  return row;
}

template <typename Row, typename... Parts>
class Table {
 public:
  using Key = std::tuple<Parts...>;

  constexpr explicit Table(uint8_t number) : number_(number) {}

  // The first byte of the keys of its rows.
  constexpr char first_byte() const { return static_cast<char>(number_); }

  template <typename Reader>
  std::optional<Row> Get(const Reader& reader, const Parts&... parts) const {
    if constexpr (std::is_same_v<Reader, Batch>) {
      const std::string* bytes = reader.Find(KeyOf(parts...));
      if (bytes == nullptr) return std::nullopt;
      return DecodeRow<Row>(*bytes);
    } else {
      std::string bytes;
      if (!reader.Get(KeyOf(parts...), &bytes)) return std::nullopt;
      return DecodeRow<Row>(bytes);
    }
  }

  template <typename Reader>
  bool Has(const Reader& reader, const Parts&... parts) const {
    if constexpr (std::is_same_v<Reader, Batch>) {
      return reader.Find(KeyOf(parts...)) != nullptr;
    } else {
      std::string bytes;
      return reader.Get(KeyOf(parts...), &bytes);
    }
  }

  void Put(Batch& batch, const Parts&... parts, const Row& row) const { batch.Put(KeyOf(parts...), EncodeRow(row)); }
  void Delete(Batch& batch, const Parts&... parts) const { batch.Delete(KeyOf(parts...)); }

  // Visits the rows whose keys begin with the components `prefix`, of which the last may be a Beginning (key.h), in
  // ascending order, from the one after the raw key `after` (empty: from the first). `visit(raw_key, key, row)` returns
  // false to stop. A page token holds a raw key (libs/service/pages.h).
  template <typename Visit, typename... Prefix>
  void Scan(const KeyValue& reader, std::string_view after, const Visit& visit, const Prefix&... prefix) const {
    const std::string begin = KeyOf(prefix...);
    reader.Scan(begin, after, [&](std::string_view raw, std::string_view bytes) {
      if (raw == after) return true;
      Key key;
      std::string_view rest = raw.substr(1);
      if (!std::apply([&](auto&... part) { return (TakeKey(rest, part) && ...); }, key)) {
        throw DamagedRow("a key of the store");
      }
      return visit(raw, key, DecodeRow<Row>(bytes));
    });
  }

  template <typename... Some>
  std::string KeyOf(const Some&... parts) const {
    std::string key;
    key.reserve(64);  // most are shorter
    key.push_back(first_byte());
    (AppendPart(key, parts), ...);
    return key;
  }

 private:
  template <typename Part>
  static void AppendPart(std::string& key, const Part& part) {
    if constexpr (std::is_convertible_v<const Part&, std::string_view>) {
      AppendKey(key, std::string_view(part));
    } else if constexpr (std::is_integral_v<Part>) {
      AppendKey(key, static_cast<int64_t>(part));
    } else {
      AppendKey(key, part);
    }
  }

  uint8_t number_;
};

}  // namespace throughline::store
