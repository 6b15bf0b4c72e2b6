#include "services/outage-notice/domain/component.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"

#include "libs/runtime/domain/refusal.h"
#include "services/outage-notice/matching/match.h"

namespace throughline::outage {

bool IsComponentId(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  for (char c : id) {
    const auto u = static_cast<unsigned char>(c);
    if (!absl::ascii_islower(u) && !absl::ascii_isdigit(u) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

namespace {

absl::Status Check(const v1::DefineComponentRequest& request) {
  runtime::FieldViolations bad;
  if (!IsComponentId(request.component_id())) bad.Add("component_id", kNotAComponentId);
  if (absl::StripAsciiWhitespace(request.name()).empty()) bad.Add("name", "is empty: say what customers call it");
  if (request.has_owner() && request.owner().empty()) bad.Add("owner", "is empty: name the person, or leave it out");
  std::set<std::string> seen;
  for (int i = 0; i < request.depends_on_component_ids_size(); ++i) {
    const std::string& id = request.depends_on_component_ids(i);
    const std::string field = absl::StrCat("depends_on_component_ids[", i, "]");
    if (!IsComponentId(id)) bad.Add(field, kNotAComponentId);
    if (id == request.component_id()) bad.Add(field, "is the component itself: leave it out");
    if (!seen.insert(id).second) bad.Add(field, "is a duplicate: leave it out");
  }
  for (int i = 0; i < request.keywords_size(); ++i) {
    if (WordsOf(request.keywords(i)).empty()) {
      bad.Add(absl::StrCat("keywords[", i, "]"), "has no letter and no digit: give a word or a phrase");
    }
  }
  return bad.ToStatus();
}

v1::ComponentDefined Defined(const v1::DefineComponentRequest& request) {
  v1::ComponentDefined defined;
  defined.set_component_id(request.component_id());
  defined.set_name(request.name());
  defined.set_description(request.description());
  if (request.has_owner()) defined.set_owner(request.owner());
  defined.set_group(request.group());
  *defined.mutable_regions() = request.regions();
  *defined.mutable_depends_on_component_ids() = request.depends_on_component_ids();
  *defined.mutable_keywords() = request.keywords();
  return defined;
}

}  // namespace

Component::Decision Component::Decide(const State& state, const DefineComponent& define,
                                      const runtime::Caller& caller) {
  if (absl::Status status = Check(define.request); !status.ok()) return status;
  v1::ComponentDefined defined = Defined(define.request);
  if (google::protobuf::util::MessageDifferencer::Equals(defined, state.defined())) return std::vector<Event>();
  if (!define.owner.ok()) return define.owner;
  if (!define.unknown_components.empty()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "COMPONENT_UNKNOWN",
                           absl::StrCat("not defined: ", absl::StrJoin(define.unknown_components, ", "),
                                        "; define it first, or check the id"));
  }
  if (!define.circle.empty()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "CIRCULAR_DEPENDENCY",
                           absl::StrCat("`", define.circle, "` depends on `", define.request.component_id(),
                                        "`, so this cannot depend on it: leave one of the two out"));
  }
  Event event;
  *event.mutable_defined() = std::move(defined);
  event.mutable_defined()->set_defined_by(caller.id);
  return std::vector{std::move(event)};
}

void Component::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kDefined:
      *state.mutable_defined() = event.defined();
      state.mutable_defined()->clear_defined_by();
      return;
    case Event::kSuspected:
      *state.mutable_suspicion() = event.suspected();
      return;
    case Event::kConfirmed:
      state.clear_suspicion();
      state.set_confirmed_suspicion_id(event.confirmed().suspicion_id());
      return;
    case Event::kDismissed:
      state.clear_suspicion();
      *state.mutable_dismissed() = event.dismissed();
      return;
    case Event::kReassigned:
      state.mutable_suspicion()->set_owner(event.reassigned().to());
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::outage
