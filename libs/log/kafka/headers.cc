#include "libs/log/kafka/headers.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

#include "throughline/log/v1/commit.pb.h"

namespace throughline::log {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr char kContentType[] = "application/protobuf; messageType=throughline.log.v1.Commit";

constexpr uint32_t LengthTag(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

bool ReadString(CodedInputStream& in, std::string& out) {
  uint32_t size = 0;
  return in.ReadVarint32(&size) && size <= static_cast<uint32_t>(in.BytesUntilTotalBytesLimit()) &&
         in.ReadString(&out, static_cast<int>(size));
}

// Appends the type of a CommittedEvent to `types`.
bool ReadEventType(CodedInputStream& in, std::string& types) {
  uint32_t size = 0;
  if (!in.ReadVarint32(&size)) return false;
  const CodedInputStream::Limit limit = in.PushLimit(static_cast<int>(size));
  while (const uint32_t tag = in.ReadTag()) {
    if (tag != LengthTag(v1::CommittedEvent::kTypeFieldNumber)) {
      if (!WireFormatLite::SkipField(&in, tag)) return false;
      continue;
    }
    std::string type;
    if (!ReadString(in, type)) return false;
    if (!types.empty()) types += ',';
    types += type;
  }
  const bool whole = in.BytesUntilLimit() == 0;
  in.PopLimit(limit);
  return whole;
}

}  // namespace

std::vector<std::pair<const char*, std::string>> CommitHeaders(std::string_view value) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(value.data()), static_cast<int>(value.size()));
  in.SetTotalBytesLimit(static_cast<int>(value.size()));
  std::string stream;
  std::string types;
  uint64_t version = 0;
  while (const uint32_t tag = in.ReadTag()) {
    bool read = false;
    if (tag == LengthTag(v1::Commit::kStreamFieldNumber)) {
      read = ReadString(in, stream);
    } else if (tag == LengthTag(v1::Commit::kEventsFieldNumber)) {
      read = ReadEventType(in, types);
    } else if (tag == WireFormatLite::MakeTag(v1::Commit::kVersionFieldNumber, WireFormatLite::WIRETYPE_VARINT)) {
      read = in.ReadVarint64(&version);
    } else {
      read = WireFormatLite::SkipField(&in, tag);
    }
    if (!read) return {};
  }
  if (!in.ConsumedEntireMessage() || stream.empty() || types.empty()) return {};
  return {{"stream", std::move(stream)},
          {"version", std::to_string(version)},
          {"event-types", std::move(types)},
          {"content-type", kContentType}};
}

}  // namespace throughline::log
