#include "libs/runtime/reads/token.h"

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"

#include "libs/runtime/domain/digest.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/store/key.h"
#include "throughline/log/v1/rows.pb.h"

namespace throughline::runtime {

std::string IdentityBytes(const log::Identity& identity) {
  std::string bytes;
  store::AppendKey(bytes, std::string_view(identity.cluster_id));
  for (const log::Identity::TopicIdentity& topic : identity.topics) {
    store::AppendKey(bytes, static_cast<int64_t>(topic.topic));
    store::AppendKey(bytes, std::string_view(topic.topic_id));
    store::AppendKey(bytes, static_cast<int64_t>(topic.partitions));
  }
  return bytes;
}

std::string TokenMark(const log::Identity& identity) { return Sha256(IdentityBytes(identity)).substr(0, 8); }

std::string MakeToken(const std::string& mark, std::vector<log::Position> places) {
  throughline::log::v1::Token token;
  token.set_log(mark);
  absl::c_sort(places);
  for (const log::Position& position : places) {
    auto& place = *token.add_places();
    place.set_topic(static_cast<uint32_t>(position.partition.topic));
    place.set_partition(position.partition.index);
    place.set_offset(position.offset);
  }
  return absl::WebSafeBase64Escape(token.SerializeAsString());
}

absl::StatusOr<std::vector<log::Position>> ReadToken(const log::Identity& identity, std::string_view text) {
  std::vector<log::Position> positions;
  if (text.empty()) return positions;
  std::string bytes;
  throughline::log::v1::Token token;
  if (!absl::WebSafeBase64Unescape(absl::string_view(text.data(), text.size()), &bytes) ||
      !token.ParseFromString(bytes)) {
    return BadField("consistency_token",
                    "is not a token: give one from a response of this installation, unchanged, or leave it out");
  }
  if (token.log() != TokenMark(identity)) {
    return BadField("consistency_token",
                    "comes from another installation or from before this log was created: leave it out");
  }
  for (const auto& place : token.places()) {
    const auto topic = absl::c_find_if(identity.topics, [&](const log::Identity::TopicIdentity& t) {
      return static_cast<uint32_t>(t.topic) == place.topic();
    });
    if (topic == identity.topics.end() || place.partition() < 0 || place.partition() >= topic->partitions ||
        place.offset() < 0) {
      return BadField("consistency_token",
                      "names a partition that does not exist: give a token from a response, unchanged");
    }
    positions.push_back({{topic->topic, place.partition()}, place.offset()});
  }
  return positions;
}

}  // namespace throughline::runtime
