#include "services/intake/api/recording.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/kill_point.h"
#include "libs/service/due.h"
#include "services/intake/projections/contact.h"

namespace throughline::intake {
namespace {

using Done = std::function<void(absl::StatusOr<Recorded>)>;

class Recording : public std::enable_shared_from_this<Recording> {
 public:
  Recording(runtime::Streams& streams, std::shared_ptr<const Rules> rules, v1::RecordInteractionRequest request,
            runtime::Caller caller, absl::Time deadline, Done done)
      : streams_(streams),
        rules_(std::move(rules)),
        request_(std::move(request)),
        caller_(std::move(caller)),
        deadline_(deadline),
        done_(std::move(done)),
        interaction_id_(runtime::DerivedId(caller_, "interaction")) {}

  // Where the words go. Unless it is the case of the request, only the present can tell.
  void Route(bool present) {
    if (++turns_ > kMostHops) {
      return done_(runtime::Refuse(absl::StatusCode::kAborted, "CONTENDED",
                                   "the case is being merged or continued over and over; try again"));
    }
    const auto rows = streams_.View();
    std::string before;
    const std::string target = GoesOnAs(*rows, request_.case_id(), [&](const std::string& case_id) {
      const bool ends = kWords.Has(*rows, interaction_id_, case_id) || !kCases.Has(*rows, case_id);
      if (!ends) before = case_id;
      return ends;
    });
    const std::string continues = ContinuationOf(*rows, target);
    const bool plain = target == request_.case_id() && continues.empty();
    if (!plain && !present) return InThePresent();
    if (target != request_.case_id() && !kCases.Has(*rows, target)) {
      return OpenContinuation(before, [self = shared_from_this()] { self->Route(true); });
    }
    RecordOn(target, continues);
  }

 private:
  void InThePresent() {
    streams_.AfterPresent(deadline_, [self = shared_from_this()](const absl::Status& status) {
      status.ok() ? self->Route(true) : self->done_(status);
    });
  }

  // The case that is to continue this one from these words on; empty: it goes on itself.
  std::string ContinuationOf(const store::KeyValue& rows, const std::string& case_id) const {
    const absl::Duration within = rules_->config.reopen_within;
    if (within == absl::ZeroDuration() || request_.direction() != v1::DIRECTION_INBOUND) return "";
    if (kWords.Has(rows, interaction_id_, case_id)) return "";  // an earlier try has decided it
    const auto standing = FindStanding(rows, case_id);
    if (!standing || standing->open() || !standing->merged_into.empty()) return "";
    return standing->closed_at + within < caller_.time ? ContinuationId(case_id, interaction_id_) : "";
  }

  void RecordOn(const std::string& case_id, const std::string& continued_by) {
    RecordInteraction command{request_, rules_->config.repeated_contact, continued_by,
                              service::WhatIsMeant(request_, rules_->config.calendars, caller_.time)};
    command.request.set_case_id(case_id);
    streams_.Execute<Case>({Case::kKind, case_id}, std::move(command), caller_, deadline_,
                           [self = shared_from_this(), case_id](absl::StatusOr<runtime::Outcome<Case>> outcome) {
                             if (outcome.ok()) return self->Settled(case_id, *outcome);
                             if (runtime::ReasonOf(outcome.status()) == "CASE_CONTINUED") return self->InThePresent();
                             self->done_(outcome.status());
                           });
  }

  void Settled(const std::string& case_id, const runtime::Outcome<Case>& outcome) {
    answer_.version = outcome.version;
    answer_.token = outcome.token;
    answer_.case_id = case_id;
    answer_.interaction_id = interaction_id_;
    const auto rows = streams_.View();
    const auto row = kCases.Get(*rows, case_id).value_or(v1::CaseRow());
    answer_.repeated_contact = row.repeated_contact_id() == interaction_id_;
    const std::string continued_by = ContinuationId(case_id, interaction_id_);
    if (row.continued_by_case_id() != continued_by) return Answer();
    answer_.continued_by_case_id = continued_by;
    runtime::KillPoint("continued");
    OpenContinuation(case_id, [self = shared_from_this()] {
      self->answer_.token = self->streams_.SeenToken();
      self->Answer();
    });
  }

  // Opens the case that continues this one, unless the reactor was faster.
  void OpenContinuation(const std::string& case_id, std::function<void()> then) {
    const runtime::Caller service = OnBehalfOf(caller_, "continue/" + case_id);
    auto command = rules_->openings.Continuing(*streams_.View(), case_id, service, service.time);
    if (!command) return then();
    const std::string continuing = command->case_id;
    streams_.Execute<Case>({Case::kKind, continuing}, *std::move(command), service, deadline_,
                           [self = shared_from_this(), then = std::move(then)](const auto& outcome) {
                             outcome.ok() ? then() : self->done_(outcome.status());
                           });
  }

  void Answer() {
    const auto rows = streams_.View();
    if (const auto standing = FindStanding(*rows, GoesOnAs(*rows, answer_.case_id))) answer_.owner = standing->owner;
    done_(std::move(answer_));
  }

  runtime::Streams& streams_;
  const std::shared_ptr<const Rules> rules_;
  const v1::RecordInteractionRequest request_;
  const runtime::Caller caller_;
  const absl::Time deadline_;
  const Done done_;
  const std::string interaction_id_;
  int turns_ = 0;
  Recorded answer_;
};

}  // namespace

runtime::Caller OnBehalfOf(const runtime::Caller& caller, std::string command_id) {
  runtime::Caller service;
  service.id = kServiceName;
  service.roles = {common::v1::ROLE_SERVICE};
  service.command_id = std::move(command_id);
  service.time = caller.time;
  service.correlation_id = caller.correlation_id;
  service.causation_id = caller.command_id;
  service.traceparent = caller.traceparent;
  service.tracestate = caller.tracestate;
  return service;
}

void Record(runtime::Streams& streams, std::shared_ptr<const Rules> rules, v1::RecordInteractionRequest request,
            runtime::Caller caller, absl::Time deadline, Done done) {
  std::make_shared<Recording>(streams, std::move(rules), std::move(request), std::move(caller), deadline,
                              std::move(done))
      ->Route(false);
}

}  // namespace throughline::intake
