#include "services/throughline/output/json.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

#include "libs/runtime/domain/refusal.h"

namespace throughline::tool {

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (status.ok()) return json;
  return absl::InternalError(absl::StrCat("the answer cannot be written as JSON (", message.GetTypeName(),
                                          "): ", status.ToString(), "; ask without --json, and report it"));
}

std::string WithMember(std::string json, std::string_view name, std::string_view value) {
  json.pop_back();
  if (json.size() > 1) json += ',';
  return json.append("\"").append(name).append("\":").append(value).append("}");
}

absl::Status FromJson(std::string_view text, google::protobuf::Message& message) {
  const auto status =
      google::protobuf::util::JsonStringToMessage(google::protobuf::StringPiece(text.data(), text.size()), &message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("no ", message.GetDescriptor()->name(), " in JSON: ", std::string(status.message())));
}

std::string ErrorJson(const absl::Status& status, std::string_view command_id, int exit_code) {
  nlohmann::ordered_json json;
  json["code"] = absl::StatusCodeToString(status.code());
  if (const auto reason = runtime::ReasonOf(status)) json["reason"] = *reason;
  json["message"] = std::string(status.message());
  if (const auto fields = runtime::BadFieldsOf(status); !fields.empty()) json["fields"] = fields;
  if (const auto delay = runtime::RetryAfterOf(status)) json["retry_after_seconds"] = absl::ToDoubleSeconds(*delay);
  if (!command_id.empty()) json["command_id"] = command_id;
  json["exit_code"] = exit_code;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace throughline::tool
