#include "services/outage-notice/delivery/webhook.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

#include "libs/crypto/hmac.h"

namespace throughline::outage {

std::vector<std::pair<std::string, std::string>> SignWebhook(const std::string& id, absl::Time at,
                                                             const std::string& body,
                                                             const std::vector<std::string>& secrets) {
  const std::string seconds = absl::StrCat(absl::ToUnixSeconds(at));
  std::string signatures;
  for (const std::string& secret : secrets) {
    const std::string signature = crypto::HmacSha256(secret, absl::StrCat(id, ".", seconds, ".", body));
    absl::StrAppend(&signatures, signatures.empty() ? "" : " ", "v1,", absl::Base64Escape(signature));
  }
  return {{"webhook-id", id}, {"webhook-timestamp", seconds}, {"webhook-signature", signatures}};
}

std::string WebhookBody(const v1::WebhookMessage& message) {
  std::string body;
  // It has no `Any`, and its times lie in the years 2000 to 2100: nothing can fail.
  static_cast<void>(google::protobuf::util::MessageToJsonString(message, &body));
  return body;
}

}  // namespace throughline::outage
