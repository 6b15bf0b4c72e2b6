#include "libs/log/embedded/format.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace throughline::log::format {
namespace {

void PutBigEndian(uint64_t value, size_t bytes, char* out) {
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
}

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

std::string TopicIdName(Topic topic) { return absl::StrCat("topic_id.", std::string(ServiceName(topic))); }
std::string PartitionsName(Topic topic) { return absl::StrCat("partitions.", std::string(ServiceName(topic))); }

}  // namespace

Key RecordKey(const Position& position) {
  Key key;
  key[0] = static_cast<char>(position.partition.topic);
  PutBigEndian(static_cast<uint64_t>(position.partition.index), 2, key.data() + 1);
  PutBigEndian(static_cast<uint64_t>(position.offset), 8, key.data() + 3);
  return key;
}

std::optional<Position> ParseRecordKey(std::string_view bytes) {
  if (bytes.size() != kKeyBytes || bytes[0] == kMetaPrefix) return std::nullopt;
  return Position{{static_cast<Topic>(bytes[0]), static_cast<int32_t>(BigEndian(bytes.substr(1, 2)))},
                  static_cast<int64_t>(BigEndian(bytes.substr(3, 8)))};
}

void AppendKeyLength(size_t key_bytes, std::string& out) {
  for (; key_bytes >= 0x80; key_bytes >>= 7) out.push_back(static_cast<char>(key_bytes | 0x80));
  out.push_back(static_cast<char>(key_bytes));
}

std::optional<RecordBody> ParseRecordBody(std::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < bytes.size() && i < 5; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    length |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    bytes.remove_prefix(i + 1);
    if (length > bytes.size()) return std::nullopt;
    return RecordBody{bytes.substr(0, length), bytes.substr(length)};
  }
  return std::nullopt;
}

std::string MetaKey() { return absl::StrCat(std::string(1, kMetaPrefix), "log"); }

std::string EncodeMeta(const Meta& meta) {
  std::string text = absl::StrCat("layout=", meta.layout, "\ncluster_id=", meta.identity.cluster_id, "\n");
  for (const Identity::TopicIdentity& t : meta.identity.topics) {
    absl::StrAppend(&text, TopicIdName(t.topic), "=", t.topic_id, "\n", PartitionsName(t.topic), "=", t.partitions,
                    "\n");
  }
  return text;
}

absl::StatusOr<Meta> ParseMeta(std::string_view bytes) {
  std::map<std::string, std::string> fields;
  for (absl::string_view line :
       absl::StrSplit(absl::string_view(bytes.data(), bytes.size()), '\n', absl::SkipEmpty())) {
    std::pair<std::string, std::string> field = absl::StrSplit(line, absl::MaxSplits('=', 1));
    fields.insert(std::move(field));
  }
  Meta meta;
  if (!absl::SimpleAtoi(fields["layout"], &meta.layout)) return absl::DataLossError("its description is damaged");
  if (meta.layout != kLayout) {
    return absl::FailedPreconditionError(absl::StrCat("it has layout ", meta.layout, ", and this version reads layout ",
                                                      kLayout, ": use the version of Throughline that wrote it"));
  }
  meta.identity.cluster_id = fields["cluster_id"];
  for (Topic topic : kTopics) {
    Identity::TopicIdentity t{topic, fields[TopicIdName(topic)], 0};
    if (!absl::SimpleAtoi(fields[PartitionsName(topic)], &t.partitions) || t.partitions <= 0 || t.topic_id.empty()) {
      return absl::DataLossError("its description is damaged");
    }
    meta.identity.topics.push_back(std::move(t));
  }
  return meta;
}

std::string AssignmentKey(std::string_view group, Partition partition) {
  return absl::StrCat(std::string(1, kMetaPrefix), "duty/", std::string(group), "/",
                      std::string(ServiceName(partition.topic)), "/", partition.index);
}

std::string EncodeOffset(int64_t offset) { return absl::StrCat(offset); }

std::optional<int64_t> ParseOffset(std::string_view bytes) {
  int64_t offset = 0;
  if (!absl::SimpleAtoi(absl::string_view(bytes.data(), bytes.size()), &offset) || offset < 0) return std::nullopt;
  return offset;
}

}  // namespace throughline::log::format
