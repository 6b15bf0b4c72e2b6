// OpenCase. A case about no matter is opened at once. For one about a matter (domain/matter.h), in the present: the
// words join the open case about it; else the matter is reserved, and whoever reserved it opens the case. Whoever meets
// another's reservation opens that case first, if nobody has yet, and joins it: nobody waits for anybody.

#include "absl/algorithm/container.h"

#include "libs/command_line/nearest.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/kill_point.h"
#include "libs/service/due.h"
#include "services/intake/api/api.h"
#include "services/intake/api/recording.h"
#include "services/intake/domain/checks.h"
#include "services/intake/projections/case_view.h"
#include "services/intake/projections/contact.h"

namespace throughline::intake {
namespace {

using server::Context;
using OpenReply = server::Reply<v1::OpenCaseResponse>;

constexpr size_t kMostNear = 5;
constexpr size_t kMostComponentsLookedAt = 10'000;
constexpr int kMostTurns = 16;

void FillUnknown(const store::KeyValue& rows, const v1::OpenCaseRequest& request, v1::OpenCaseResponse& response) {
  const std::vector<std::string> unknown = UnknownOf(rows, ComponentsOf(request));
  if (unknown.empty()) return;
  std::vector<std::string> known;
  kComponents.Scan(rows, "", [&](std::string_view, const auto& key, const auto&) {
    known.push_back(std::get<0>(key));
    return known.size() < kMostComponentsLookedAt;
  });
  for (const std::string& component : unknown) {
    auto& told = *response.add_unknown_components();
    told.set_component_id(component);
    for (std::string& near : command_line::NearestFew(component, known, kMostNear)) told.add_near(std::move(near));
  }
}

class Opening : public std::enable_shared_from_this<Opening> {
 public:
  Opening(runtime::Streams& streams, std::shared_ptr<const Rules> rules, v1::OpenCaseRequest request, OpenReply reply)
      : streams_(streams),
        rules_(std::move(rules)),
        request_(std::move(request)),
        reply_(std::move(reply)),
        caller_(reply_.context().caller()),
        deadline_(reply_.context().deadline()),
        case_id_(runtime::DerivedId(caller_, "case")) {}

  void Start() {
    if (absl::Status bad = Check(request_); !bad.ok()) return reply_(bad);
    const auto rows = streams_.View();
    const bool about_matter = !request_.separate() && !MattersOf(request_).empty();
    if (about_matter || !UnknownOf(*rows, ComponentsOf(request_)).empty()) return InThePresent();
    OpenCase command = Command(*rows);
    // No candidate: this replica may lag.
    if (!Case::FirstOwnerOf(request_.channel(), command.candidates, caller_)) return InThePresent();
    Open(std::move(command));
  }

 private:
  OpenCase Command(const store::KeyValue& rows) const {
    OpenCase command = rules_->openings.For(rows, request_, case_id_, caller_, caller_.time);
    command.meant = service::WhatIsMeant(request_, rules_->config.calendars, caller_.time);
    return command;
  }

  void InThePresent() {
    streams_.AfterPresent(deadline_, [self = shared_from_this()](const absl::Status& status) {
      status.ok() ? self->Route() : self->reply_(status);
    });
  }

  void Route() {
    if (++turns_ > kMostTurns) {
      return reply_(runtime::Refuse(absl::StatusCode::kAborted, "CONTENDED",
                                    "cases about this matter are being opened and closed all the time; try again"));
    }
    const auto rows = streams_.View();
    const auto open_alone = [&] { Open(Command(*rows)); };
    if (kCases.Has(*rows, case_id_) || request_.separate()) return open_alone();  // the former: by an earlier try
    if (auto earlier = CaseOfWords(*rows, WordsId())) return Join(*earlier);
    const Holder holder = HolderOf(*rows, request_);
    if (holder.matter.empty()) return open_alone();
    if (holder.open) return Join(*holder.open);
    Reserve(holder, Command(*rows));
  }

  void Reserve(const Holder& holder, OpenCase opening) {
    // It stays counted in the load of its owner until the case is opened.
    const auto counted = opening.reservation;
    ReserveMatter command{request_, std::move(opening), holder.closed};
    reply_.context().SetStream(std::string(Matter::kKind) + "/" + holder.matter);
    streams_.Execute<Matter>({Matter::kKind, holder.matter}, std::move(command), caller_, deadline_,
                             [self = shared_from_this(), counted](absl::StatusOr<runtime::Outcome<Matter>> outcome) {
                               if (!outcome.ok()) return self->reply_(outcome.status());
                               self->Reserved(outcome->state->opening(), counted);
                             });
  }

  void Reserved(const v1::CaseOpened& opening, const std::shared_ptr<const void>& counted) {
    if (opening.case_id() == case_id_) {
      runtime::KillPoint("reserved");
      OpenCase command;
      command.request = request_;
      command.case_id = case_id_;
      command.reserved = opening;
      command.reservation = counted;
      return Open(std::move(command));
    }
    OpenCase command;
    command.case_id = opening.case_id();
    command.reserved = opening;
    streams_.Execute<Case>({Case::kKind, opening.case_id()}, std::move(command),
                           OnBehalfOf(caller_, "open/" + opening.case_id()), deadline_,
                           [self = shared_from_this()](const absl::StatusOr<runtime::Outcome<Case>>& outcome) {
                             outcome.ok() ? self->InThePresent() : self->reply_(outcome.status());
                           });
  }

  void Open(OpenCase command) {
    service::Change<Case, v1::OpenCaseResponse>(
        streams_, reply_.context(), {Case::kKind, case_id_}, std::move(command), reply_,
        [self = shared_from_this()](const auto&, v1::OpenCaseResponse& response) {
          const auto rows = self->streams_.View();
          const auto view = FindCaseView(*rows, self->case_id_, self->caller_.time);
          response.set_case_id(self->case_id_);
          if (view) {
            *response.mutable_notices() = view->notices();
            response.set_assignment_reason(view->assignment_reason());
          }
          // As opened: the present owner may be another by the time of a retry.
          if (const auto row = kCases.Get(*rows, self->case_id_)) response.set_owner(row->view().owner());
          FillUnknown(*rows, self->request_, response);
        });
  }

  std::string WordsId() const {
    return runtime::DerivedId(caller_, request_.channel() == v1::CHANNEL_PROACTIVE ? "alert" : "interaction");
  }

  void Join(const std::string& case_id) {
    reply_.context().SetStream(std::string(Case::kKind) + "/" + case_id);
    if (request_.channel() == v1::CHANNEL_PROACTIVE) return JoinAsAlert(case_id);
    v1::RecordInteractionRequest words;
    words.set_case_id(case_id);
    words.set_channel(request_.channel());
    words.set_direction(v1::DIRECTION_INBOUND);
    words.set_text(request_.text());
    *words.mutable_attachments() = request_.attachments();
    Record(streams_, rules_, std::move(words), caller_, deadline_,
           [self = shared_from_this()](absl::StatusOr<Recorded> recorded) {
             if (!recorded.ok()) return self->reply_(recorded.status());
             v1::OpenCaseResponse response;
             response.set_version(recorded->version);
             response.set_consistency_token(recorded->token);
             response.set_interaction_id(recorded->interaction_id);
             response.set_repeated_contact(recorded->repeated_contact);
             const std::string& on = recorded->continued_by_case_id;
             self->AnswerJoined(on.empty() ? recorded->case_id : on, std::move(response));
           });
  }

  void JoinAsAlert(const std::string& case_id) {
    AttachAlert command;
    command.request.set_alert_id(WordsId());
    command.request.set_text(request_.text());
    command.request.set_origin(request_.origin());
    streams_.Execute<Case>({Case::kKind, case_id}, std::move(command), caller_, deadline_,
                           [self = shared_from_this(), case_id](absl::StatusOr<runtime::Outcome<Case>> outcome) {
                             if (!outcome.ok()) return self->reply_(outcome.status());
                             v1::OpenCaseResponse response;
                             response.set_version(outcome->version);
                             response.set_consistency_token(outcome->token);
                             self->AnswerJoined(case_id, std::move(response));
                           });
  }

  void AnswerJoined(const std::string& case_id, v1::OpenCaseResponse response) {
    const auto rows = streams_.View();
    response.set_command_id(caller_.command_id);
    response.set_case_id(case_id);
    response.set_joined(true);
    if (const auto view = FindCaseView(*rows, case_id, caller_.time)) {
      response.set_owner(view->owner());
      *response.mutable_notices() = view->notices();
    }
    FillUnknown(*rows, request_, response);
    reply_(response);
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const Rules> rules_;
  const v1::OpenCaseRequest request_;
  const OpenReply reply_;
  const runtime::Caller caller_;
  const absl::Time deadline_;
  const std::string case_id_;
  int turns_ = 0;
};

}  // namespace

void AddOpenCase(server::Api& api, runtime::Streams& streams, const Config& config) {
  api.Unary<v1::OpenCaseRequest, v1::OpenCaseResponse>(
      "OpenCase", [&streams, rules = std::make_shared<const Rules>(config)](const Context&, v1::OpenCaseRequest request,
                                                                            OpenReply reply) {
        std::make_shared<Opening>(streams, rules, std::move(request), std::move(reply))->Start();
      });
}

}  // namespace throughline::intake
