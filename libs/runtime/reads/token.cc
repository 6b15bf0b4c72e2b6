#include "libs/runtime/reads/token.h"

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"

#include "libs/crypto/sha256.h"
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

std::string TokenMark(const log::Identity& identity) { return crypto::Sha256(IdentityBytes(identity)).substr(0, 8); }

namespace {

using throughline::log::v1::Token;

void AddPlaces(const std::vector<log::Position>& ascending, google::protobuf::RepeatedPtrField<Token::Place>& places) {
  for (const log::Position& position : ascending) {
    Token::Place& place = *places.Add();
    place.set_topic(static_cast<uint32_t>(position.partition.topic));
    place.set_partition(position.partition.index);
    place.set_offset(position.offset);
  }
}

absl::StatusOr<std::vector<log::Position>> ReadPlaces(const log::Identity& identity,
                                                      const google::protobuf::RepeatedPtrField<Token::Place>& places,
                                                      absl::string_view field) {
  std::vector<log::Position> positions;
  for (const Token::Place& place : places) {
    const auto topic = absl::c_find_if(identity.topics, [&](const log::Identity::TopicIdentity& t) {
      return static_cast<uint32_t>(t.topic) == place.topic();
    });
    if (topic == identity.topics.end() || place.partition() < 0 || place.partition() >= topic->partitions ||
        place.offset() < 0) {
      return BadField(field, "names a partition that does not exist: give a token from a response, unchanged");
    }
    positions.push_back({{topic->topic, place.partition()}, place.offset()});
  }
  return positions;
}

absl::StatusOr<Token> Unpack(const log::Identity& identity, std::string_view text, absl::string_view field) {
  std::string bytes;
  Token token;
  if (!absl::WebSafeBase64Unescape(absl::string_view(text.data(), text.size()), &bytes) ||
      !token.ParseFromString(bytes)) {
    return BadField(field, "is not a token: give one from a response of this installation, unchanged, or leave it out");
  }
  if (token.log() != TokenMark(identity)) {
    return BadField(field, "comes from another installation or from before this log was created: leave it out");
  }
  return token;
}

std::string Pack(const std::string& mark, Token token) {
  token.set_log(mark);
  return absl::WebSafeBase64Escape(token.SerializeAsString());
}

}  // namespace

std::string MakeToken(const std::string& mark, std::vector<log::Position> places) {
  Token token;
  absl::c_sort(places);
  AddPlaces(places, *token.mutable_places());
  return Pack(mark, std::move(token));
}

absl::StatusOr<std::vector<log::Position>> ReadToken(const log::Identity& identity, std::string_view text,
                                                     absl::string_view field) {
  if (text.empty()) return std::vector<log::Position>();
  absl::StatusOr<Token> token = Unpack(identity, text, field);
  if (!token.ok()) return token.status();
  return ReadPlaces(identity, token->places(), field);
}

std::string MakeWatchToken(const std::string& mark, const WatchPosition& position) {
  Token token;
  AddPlaces(position.told.places(), *token.mutable_places());
  token.mutable_watch()->set_question(position.question);
  AddPlaces(position.from.places(), *token.mutable_watch()->mutable_from());
  token.mutable_watch()->set_after(position.after);
  return Pack(mark, std::move(token));
}

absl::StatusOr<WatchPosition> ReadWatchToken(const log::Identity& identity, std::string_view text,
                                             std::string_view question, absl::string_view field) {
  absl::StatusOr<Token> token = Unpack(identity, text, field);
  if (!token.ok()) return token.status();
  if (!token->has_watch() || token->watch().question() != question) {
    return BadField(
        field, "was not given by a watch of the same: give the `consistency_token` of its last message, unchanged");
  }
  auto told = ReadPlaces(identity, token->places(), field);
  if (!told.ok()) return told.status();
  auto from = ReadPlaces(identity, token->watch().from(), field);
  if (!from.ok()) return from.status();
  return WatchPosition{std::string(question), Seen(*std::move(told)), Seen(*std::move(from)), token->watch().after()};
}

}  // namespace throughline::runtime
