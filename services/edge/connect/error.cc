#include "services/edge/connect/error.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "google/protobuf/util/json_util.h"
#include <nlohmann/json.hpp>

#include "google/rpc/error_details.pb.h"
#include "services/edge/connect/codes.h"

namespace throughline::edge::connect {
namespace {

using Json = nlohmann::ordered_json;

// Null: its type is not known here.
Json DebugOf(const google::protobuf::Any& detail, const std::string& type) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  const auto* prototype =
      descriptor == nullptr ? nullptr : google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  if (prototype == nullptr) return nullptr;
  const std::unique_ptr<google::protobuf::Message> message(prototype->New());
  std::string json;
  if (!message->ParseFromString(detail.value()) || !google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
    return nullptr;
  }
  Json parsed = Json::parse(json, nullptr, false);
  return parsed.is_discarded() ? Json(nullptr) : parsed;
}

Json ToObject(const Error& error) {
  Json object = {{"code", NameOf(error.code)}};
  if (!error.message.empty()) object["message"] = error.message;
  for (const google::protobuf::Any& detail : error.details) {
    const std::string type = detail.type_url().substr(detail.type_url().rfind('/') + 1);
    std::string value = absl::Base64Escape(detail.value());
    value.resize(value.find_last_not_of('=') + 1);
    Json entry = {{"type", type}, {"value", value}};
    if (Json debug = DebugOf(detail, type); !debug.is_null()) entry["debug"] = std::move(debug);
    object["details"].push_back(std::move(entry));
  }
  return object;
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

Error Error::Of(const absl::Status& status) {
  return {.code = status.raw_code(), .message = std::string(status.message())};
}

Error Error::Of(const client::Reply& reply) {
  Error error{.code = reply.code, .message = reply.message};
  if (google::rpc::Status status; status.ParseFromString(reply.details))
    error.details = std::move(*status.mutable_details());
  return error;
}

std::string ToJson(const Error& error) { return Dump(ToObject(error)); }

std::optional<int64_t> RetryAfterSeconds(const Error& error) {
  for (const google::protobuf::Any& detail : error.details) {
    google::rpc::RetryInfo retry;
    if (!detail.UnpackTo(&retry)) continue;
    return std::max<int64_t>(retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0), 1);
  }
  if (error.code == kUnavailable) return 1;
  return std::nullopt;
}

std::string EndOfStream(const std::optional<Error>& error, const client::Metadata& trailers) {
  Json end = Json::object();
  if (error.has_value()) end["error"] = ToObject(*error);
  for (const auto& [key, value] : trailers) end["metadata"][key].push_back(value);
  return Dump(end);
}

}  // namespace throughline::edge::connect
