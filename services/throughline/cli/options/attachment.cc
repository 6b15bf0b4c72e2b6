#include "services/throughline/cli/options/attachment.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/crypto/sha256.h"
#include "services/throughline/cli/options/input_file.h"

namespace throughline::tool {

std::string MediaTypeOf(const std::string& name) {
  static const auto& types = *new std::map<std::string, std::string>{
      {"csv", "text/csv"},          {"eml", "message/rfc822"},  {"gif", "image/gif"},      {"heic", "image/heic"},
      {"htm", "text/html"},         {"html", "text/html"},      {"jpeg", "image/jpeg"},    {"jpg", "image/jpeg"},
      {"json", "application/json"}, {"mov", "video/quicktime"}, {"mp3", "audio/mpeg"},     {"mp4", "video/mp4"},
      {"pdf", "application/pdf"},   {"png", "image/png"},       {"txt", "text/plain"},     {"wav", "audio/wav"},
      {"webp", "image/webp"},       {"xml", "application/xml"}, {"zip", "application/zip"}};
  const size_t dot = name.rfind('.');
  const auto found = types.find(dot == std::string::npos ? "" : absl::AsciiStrToLower(name.substr(dot + 1)));
  return found == types.end() ? "application/octet-stream" : found->second;
}

absl::StatusOr<intake::v1::Attachment> ReadAttachment(const std::string& option, const std::string& text) {
  const size_t equals = text.find('=');
  const size_t comma = text.find(',', equals == std::string::npos ? text.size() : equals);
  if (equals == 0 || equals == std::string::npos || comma == std::string::npos || comma == equals + 1 ||
      comma + 1 == text.size()) {
    return absl::InvalidArgumentError(absl::StrCat(option, ": `", text, "` is no attachment: write ", kAttachmentType,
                                                   ", as in lamp.jpg=./lamp.jpg,https://files.example/17/lamp.jpg"));
  }
  intake::v1::Attachment attachment;
  attachment.set_name(text.substr(0, equals));
  attachment.set_media_type(MediaTypeOf(attachment.name()));
  attachment.set_location(text.substr(comma + 1));
  const std::string file = text.substr(equals + 1, comma - equals - 1);
  absl::string_view digest = file;
  if (absl::ConsumePrefix(&digest, "sha256:")) {
    attachment.set_sha256(absl::AsciiStrToLower(digest));  // the server checks it
    return attachment;
  }
  const absl::StatusOr<std::string> bytes = ReadFileOf(option, file);
  if (!bytes.ok()) return bytes.status();
  attachment.set_sha256(absl::BytesToHexString(crypto::Sha256(*bytes)));
  attachment.set_size_bytes(bytes->size());
  return attachment;
}

}  // namespace throughline::tool
