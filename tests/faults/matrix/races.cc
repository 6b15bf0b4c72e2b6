#include "tests/faults/matrix/races.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/runtime/domain/refusal.h"
#include "tests/faults/matrix/examine.h"
#include "tests/faults/matrix/stores.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"

namespace throughline::faults {
namespace {

using google::protobuf::Message;

std::unique_ptr<Message> NewResponseTo(const Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  const std::string name = absl::StrCat(std::string(absl::StripSuffix(type.full_name(), "Request")), "Response");
  const auto* response = type.file()->pool()->FindMessageTypeByName(name);
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(response)->New());
}

// How many commits an acknowledged command has, and a refused one at most.
struct Effects {
  int least, most;
  int refused = 0;
};
Effects EffectsOf(const std::string& method) {
  // A reservation of the matter besides, if it opened the case.
  if (method == "OpenCase") return {1, 2};
  // Authority is reserved on two streams, and the case's refusal is an event. A reaction may do the rest.
  if (method == "GrantRemedy") return {1, 3, 3};
  // What is so already succeeds without a commit.
  static const auto& may_do_nothing =
      *new std::set<std::string>{"KeepPromise", "WithdrawCommitment", "ConfirmResolution", "MergeCases"};
  return {may_do_nothing.contains(method) ? 0 : 1, 1};
}

// What a retry must be answered, too. If the reaction to a reservation opened the case, OpenCase has no commit on it,
// and names its version of now; so it is with a remedy.
std::string WhatStays(const Message& response) {
  const auto* opened = dynamic_cast<const intake::v1::OpenCaseResponse*>(&response);
  if (opened != nullptr) return opened->case_id();
  const auto* granted = dynamic_cast<const ownership::v1::GrantRemedyResponse*>(&response);
  if (granted != nullptr) return granted->remedy_id();
  const auto* version = response.GetDescriptor()->FindFieldByName("version");
  return absl::StrCat(response.GetReflection()->GetUInt64(response, version));
}

// Empty if the loser of a race may be told this.
std::string WrongRefusal(const absl::Status& answer) {
  if (absl::IsNotFound(answer)) return "";
  if (!absl::IsAborted(answer) && !absl::IsFailedPrecondition(answer) && !absl::IsPermissionDenied(answer)) {
    return "no refusal that a race explains";
  }
  const auto version = runtime::MetadataOf(answer, "current_version");
  uint64_t number = 0;
  return version && absl::SimpleAtoi(*version, &number) ? "" : "the current version is missing";
}

}  // namespace

std::string Race::Sent::method() const {
  return std::string(absl::StripSuffix(request->GetDescriptor()->name(), "Request"));
}

Race::Race(const Context& context, testing::KafkaSuite& suite, const std::vector<std::string>& people)
    : suite_(suite), file_(context.directory() + "/race.txt") {
  for (const std::string& person : people) {
    for (const testing::Replica& replica : suite.replicas()) {
      client::Options options = suite.OptionsFor(replica, person);
      options.timeout = absl::Seconds(30);
      options.tries = 1;
      clients_[{replica, person}] = std::make_unique<client::Client>(options);
    }
    all_replicas_[person] = std::make_unique<testing::Failover>(
        suite, person, testing::Failover::Options{.patience = absl::Seconds(60), .of_a_try = absl::Seconds(20)});
  }
}

Race::Sent& Race::Make(const testing::Replica& replica, const std::string& person, const Message& request) {
  std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  absl::MutexLock lock(&mutex_);
  Sent& sent = sent_.emplace_back();
  sent.id = client::EnsureCommandId(*copy);
  sent.person = person;
  sent.replica = replica;
  sent.request = std::move(copy);
  sent.response = NewResponseTo(request);
  file_ << "sent " << sent.id << ' ' << person << ' ' << NameOf(replica) << ' ' << sent.method() << ' '
        << sent.request->ShortDebugString() << '\n'
        << std::flush;
  return sent;
}

void Race::Note(const Sent& sent, const std::string& what) {
  absl::MutexLock lock(&mutex_);
  file_ << what << ' ' << sent.id << '\n' << std::flush;
}

void Race::Begin(Sent& sent) const {
  clients_.at({sent.replica, sent.person})->StartInto(*sent.request, *sent.response, [&sent](absl::Status status) {
    sent.answer = std::move(status);
    sent.answered.Notify();
  });
}

void Race::Await(Sent& sent) {
  sent.answered.WaitForNotification();
  if (testing::OutcomeUnknown(sent.answer)) {
    sent.was_unknown = true;
    Note(sent, absl::StrCat("unknown: ", sent.answer.ToString()));
    sent.answer = all_replicas_.at(sent.person)->CallInto(*sent.request, *sent.response);
  }
  Note(sent, sent.answer.ok() ? "ok" : absl::StrCat("refused: ", sent.answer.ToString()));
}

void Race::Send(const std::vector<Sent*>& together) {
  for (Sent* sent : together) Begin(*sent);
  for (Sent* sent : together) Await(*sent);
}

void Race::Repeat(Outcome& outcome) const {
  int other = 0;
  for (const Sent& sent : sent()) {
    if (!sent.answer.ok() || EffectsOf(sent.method()).least == 0) continue;
    const std::unique_ptr<Message> again(sent.response->New());
    const absl::Status status = all_replicas_.at(sent.person)->CallInto(*sent.request, *again);
    if (status.ok() && WhatStays(*again) == WhatStays(*sent.response)) continue;
    if (++other <= 5) {
      outcome.Problem(absl::StrCat(sent.method(), " ", sent.id, ", a retry is answered otherwise: ", status.ToString(),
                                   " ", again->ShortDebugString(), " instead of ", sent.response->ShortDebugString()));
    }
  }
  if (other > 5) outcome.Problem(absl::StrCat(other, " retries in all are answered otherwise"));
}

void Race::HoldAgainst(const Audit& audit, Outcome& outcome) const {
  outcome.sent = static_cast<int64_t>(sent().size());
  outcome.void_commits = audit.voided();
  for (const Sent& sent : sent()) {
    const int effects = audit.effects(sent.person, sent.id);
    const auto what = [&] { return absl::StrCat(sent.method(), " ", sent.id, " of ", sent.person); };
    outcome.unknown += sent.was_unknown;
    if (sent.answer.ok()) {
      ++outcome.acknowledged;
      const Effects expected = EffectsOf(sent.method());
      outcome.lost += effects < expected.least;
      outcome.doubled += effects > expected.most;
      if (effects < expected.least || effects > expected.most) {
        outcome.Problem(absl::StrCat(what(), " was acknowledged and has ", effects, " effects"));
      }
    } else if (testing::OutcomeUnknown(sent.answer)) {
      outcome.Problem(absl::StrCat(what(), " is not settled by trying again: ", sent.answer.ToString()));
    } else {
      ++outcome.refused;
      const std::string wrong = WrongRefusal(sent.answer);
      if (effects > EffectsOf(sent.method()).refused)
        outcome.Problem(absl::StrCat(what(), " was refused and took effect: ", sent.answer.ToString()));
      if (!wrong.empty()) outcome.Problem(absl::StrCat(what(), ": ", wrong, ": ", sent.answer.ToString()));
    }
  }
  for (const std::string& problem : audit.problems()) outcome.Problem("the topics: " + problem);
  if (outcome.problems.size() > 30) outcome.problems.resize(30);
}

void Race::Finish(Outcome& outcome, const std::function<void(Audit&)>& check) {
  Repeat(outcome);
  Audit audit(suite_.options().brokers, suite_.prefix(), suite_.options().partitions);
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  check(audit);
  for (log::Topic service : suite_.options().services) {
    if (!outcome.Holds(suite_.Add(service).status(), "folding from offset 0")) return;
  }
  for (const testing::Replica& replica : suite_.replicas()) {
    client::Options options = suite_.OptionsFor(replica, all_replicas_.begin()->first);
    options.timeout = absl::Seconds(30);
    outcome.Holds(AwaitPresent(client::Client(options), replica.service), NameOf(replica));
  }
  for (std::string& complaint : suite_.TerminateAll()) outcome.Problem(std::move(complaint));
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  HoldAgainst(audit, outcome);
  CompareStores(suite_, audit, outcome);
}

bool BeginRace(Scene& scene) {
  testing::KafkaSuite::Options options;
  options.services = {log::Topic::kIntake, log::Topic::kOwnership};
  return scene.Begin(1, std::move(options));
}

bool Introduce(const Race& race, const std::vector<std::string>& people, Outcome& outcome) {
  for (const std::string& person : people) {
    ownership::v1::SetAvailabilityRequest request;
    request.set_available(true);
    const auto known = race.Ask<ownership::v1::SetAvailabilityResponse>(OwnershipReplica(0), person, request);
    if (!outcome.Holds(known.status(), "introducing " + person)) return false;
  }
  return true;
}

intake::v1::OpenCaseRequest Opening(const std::string& customer) {
  intake::v1::OpenCaseRequest open;
  open.set_customer_id(customer);
  open.set_subject("no heat");
  open.set_text("It is cold.");
  open.set_channel(intake::v1::CHANNEL_PHONE);
  return open;
}

std::string OpenFor(Race& race, const testing::Replica& replica, const std::string& person, const std::string& customer,
                    Outcome& outcome) {
  Race::Sent& open = race.Make(replica, person, Opening(customer));
  race.Send({&open});
  if (!outcome.Holds(open.answer, "opening a case")) return "";
  return open.As<intake::v1::OpenCaseResponse>().case_id();
}

ownership::v1::OwnershipView OwnershipAt(const Race& race, const testing::Replica& replica,
                                         const std::string& case_id) {
  ownership::v1::GetOwnershipRequest request;
  request.set_case_id(case_id);
  const auto got = race.Ask<ownership::v1::GetOwnershipResponse>(replica, "sam", request);
  return got.ok() ? got->ownership() : ownership::v1::OwnershipView();
}

std::vector<std::string> OwnersOf(const Audit& audit, const std::string& case_id) {
  std::vector<std::string> owners;
  for (const auto& event : EventsOf<ownership::v1::OwnershipEvent>(audit, "ownership/" + case_id)) {
    if (event.has_started()) owners.push_back(event.started().owner());
    if (event.has_handoff_accepted()) owners.push_back(event.handoff_accepted().to());
    if (event.has_reassigned()) owners.push_back(event.reassigned().to());
  }
  return owners;
}

}  // namespace throughline::faults
