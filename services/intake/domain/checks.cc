#include "services/intake/domain/checks.h"

#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"

namespace throughline::intake {
namespace {

using runtime::FieldViolations;
using runtime::RequireField;

constexpr size_t kSha256Digits = 64;

void CheckChannel(FieldViolations& bad, v1::Channel channel) {
  if (channel == v1::CHANNEL_UNSPECIFIED) bad.Add("channel", "is not set: name the channel of the interaction");
}

// A BCP 47 tag by its form: subtags of 1 to 8 letters and digits, the first of 2 to 8 letters.
bool IsLanguageTag(absl::string_view tag) {
  size_t place = 0;
  for (const absl::string_view part : absl::StrSplit(tag, '-')) {
    if (part.empty() || part.size() > 8 || !absl::c_all_of(part, absl::ascii_isalnum)) return false;
    if (place++ == 0 && (part.size() < 2 || !absl::c_all_of(part, absl::ascii_isalpha))) return false;
  }
  return true;
}

template <typename Attachments>
void CheckAttachments(FieldViolations& bad, const Attachments& attachments) {
  for (int i = 0; i < attachments.size(); ++i) {
    const v1::Attachment& attachment = attachments[i];
    const std::string path = absl::StrCat("attachments[", i, "].");
    RequireField(bad, path + "name", attachment.name(), "give the name of the file");
    RequireField(bad, path + "media_type", attachment.media_type(), "give its media type, for instance image/jpeg");
    if (attachment.sha256().size() != kSha256Digits || !absl::c_all_of(attachment.sha256(), absl::ascii_isxdigit)) {
      bad.Add(path + "sha256", "is not a SHA-256 digest: give 64 hexadecimal digits");
    }
    RequireField(bad, path + "location", attachment.location(), "say where the file is kept");
  }
}

void CheckComponents(FieldViolations& bad, const v1::OpenCaseRequest& request) {
  if (request.has_component_id()) {
    RequireField(bad, "component_id", request.component_id(), "name the component, or leave it out");
  } else if (request.further_component_ids_size() > 0) {
    bad.Add("further_component_ids", "needs component_id: name the first component there");
  }
  std::set<std::string> named = {request.component_id()};
  for (int i = 0; i < request.further_component_ids_size(); ++i) {
    const std::string& component = request.further_component_ids(i);
    const std::string path = absl::StrCat("further_component_ids[", i, "]");
    RequireField(bad, path, component, "name the component, or leave it out");
    if (!component.empty() && !named.insert(component).second) bad.Add(path, "is named twice: leave it out");
  }
}

}  // namespace

absl::Status Check(const v1::OpenCaseRequest& request) {
  FieldViolations bad;
  RequireField(bad, "customer_id", request.customer_id(), "name the customer");
  RequireField(bad, "subject", request.subject(), "summarize the case in one line");
  RequireField(bad, "text", request.text(), "say what was asked, word for word");
  if (request.has_order_id()) RequireField(bad, "order_id", request.order_id(), "name the order, or leave it out");
  CheckComponents(bad, request);
  if (request.has_origin()) {
    RequireField(bad, "origin", request.origin(), "say what made us open the case, or leave it out");
  }
  if (!request.language().empty() && !IsLanguageTag(request.language())) {
    bad.Add("language", "is not a BCP 47 tag: give one such as `de` or `pt-BR`");
  }
  CheckAttachments(bad, request.attachments());
  for (int i = 0; i < request.skills_size(); ++i) {
    RequireField(bad, absl::StrCat("skills[", i, "]"), request.skills(i), "name the skill, or leave it out");
  }
  CheckChannel(bad, request.channel());
  return bad.ToStatus();
}

absl::Status Check(const v1::RecordInteractionRequest& request, absl::Time now) {
  FieldViolations bad;
  RequireField(bad, "text", request.text(), "say what was said, word for word");
  if (request.direction() == v1::DIRECTION_UNSPECIFIED) {
    bad.Add("direction", "is not set: say whether the customer spoke (INBOUND) or we did (OUTBOUND)");
  }
  if (request.direction() == v1::DIRECTION_INBOUND && request.channel() == v1::CHANNEL_PROACTIVE) {
    bad.Add("channel", "is PROACTIVE, which is not for inbound interactions: name the channel that the customer used");
  }
  CheckAttachments(bad, request.attachments());
  const bool says_next = request.has_next_update_due() || !request.next_update_due_in().empty();
  if (says_next && request.direction() == v1::DIRECTION_INBOUND) {
    bad.Add(request.has_next_update_due() ? "next_update_due" : "next_update_due_in",
            "is for outbound interactions: it is what the customer was told; leave it out");
  }
  if (request.has_said_at() && runtime::FromProto(request.said_at()) > now) {
    bad.Add("said_at", "is in the future: give the time at which it was said, or leave it out");
  }
  CheckChannel(bad, request.channel());
  return bad.ToStatus();
}

absl::Status Check(const v1::SplitCaseRequest& request) {
  FieldViolations bad;
  RequireField(bad, "case_id", request.case_id(), "name the case");
  RequireField(bad, "subject", request.subject(), "summarize the new case in one line");
  RequireField(bad, "text", request.text(), "say what the new case is about");
  RequireField(bad, "reason", request.reason(), "say why it is a case of its own");
  if (request.has_order_id()) RequireField(bad, "order_id", request.order_id(), "name the order, or leave it out");
  if (request.has_component_id()) {
    RequireField(bad, "component_id", request.component_id(), "name the component, or leave it out");
  }
  return bad.ToStatus();
}

absl::Status Check(const v1::UnlinkNoticeRequest& request) {
  FieldViolations bad;
  RequireField(bad, "case_id", request.case_id(), "name the case");
  RequireField(bad, "notice_id", request.notice_id(), "name the notice");
  RequireField(bad, "reason", request.reason(), "say why the case is not about it");
  return bad.ToStatus();
}

absl::Status Check(const v1::MarkMistakeRequest& request) {
  FieldViolations bad;
  RequireField(bad, "case_id", request.case_id(), "name the case");
  RequireField(bad, "interaction_id", request.interaction_id(), "name the interaction; the case's id for the opening");
  RequireField(bad, "reason", request.reason(), "say what was wrong");
  return bad.ToStatus();
}

}  // namespace throughline::intake
