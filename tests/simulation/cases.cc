#include "tests/simulation/cases.h"

#include <set>

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/testing.h"
#include "services/intake/intake.h"
#include "services/ownership/ownership.h"
#include "services/ownership/projections/tables.h"
#include "services/ownership/projections/view/view_commitments.h"
#include "tests/simulation/case_checks.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/client.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::simulation {
namespace {

namespace iv1 = intake::v1;
namespace ov1 = ownership::v1;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;

constexpr size_t kIntake = 0;
constexpr size_t kOwnership = 1;

struct Person {
  const char* name;
  runtime::Role role;
};
constexpr Person kPeople[] = {{"ana", ROLE_REP}, {"ben", ROLE_REP}, {"sue", ROLE_SUPERVISOR}, {"shop", ROLE_SERVICE}};

class Cases {
 public:
  Cases(uint64_t seed, bool trace)
      : world_(seed, {[] { return intake::Define({}); }, [] { return ownership::Define({}); }}, trace) {
    for (const Person& person : kPeople) {
      auto& client = *clients_.emplace_back(std::make_unique<Client>(world_, person.name));
      client.on_acknowledged = [this](const Entry& entry, const std::string&) {
        if (entry.stream.starts_with("case/") && known_.size() < 12) known_.insert(entry.stream.substr(5));
      };
      Busy(client, person);
    }
  }

  std::vector<std::string> Run() {
    RunToTheEnd(world_, clients_, over_);
    if (world_.violations().empty()) {
      const History history = ReadHistory(world_.log(), {log::Topic::kIntake, log::Topic::kOwnership});
      CheckReplicas(world_, history);
      for (auto& client : clients_) client->Check(history);
      CheckCases(world_, history, kIntake, kOwnership);
    }
    return world_.violations();
  }

 private:
  // The handlers of a node's current life.
  server::Api& ApiOf(Node& node, size_t service) {
    auto& [life, api] = apis_[{node.id, service}];
    if (api == nullptr || life != node.life) {
      runtime::Streams& streams = node.services[service].replica->streams();
      api = service == kIntake ? intake::MakeApi(streams, {}) : ownership::MakeApi(streams, {});
      life = node.life;
    }
    return *api;
  }

  // Calls the RPC of the request on a node; returns the stream that it changes.
  template <typename Response, typename Request>
  Entry EntryFor(size_t service, std::string stream, const Request& request, const std::string& id, const Person& who,
                 bool may_be_nothing) {
    Entry entry;
    entry.stream = std::move(stream);
    entry.command_id = id;
    entry.what = Request::descriptor()->name() + "{" + request.ShortDebugString() + "}";
    entry.may_be_nothing = may_be_nothing;
    entry.role = who.role;
    entry.send = [this, service, request](Node& node, const runtime::Caller& caller, absl::Time deadline,
                                          OnReply reply) {
      std::string method = Request::descriptor()->name();
      method.resize(method.size() - std::string("Request").size());
      auto call = std::make_shared<service::testing::FakeCall>(request, caller, deadline);
      call->OnOver([raw = call.get(), reply] {
        Response response;
        if (!raw->responses.empty()) response.ParseFromString(raw->responses.front());
        reply({*raw->status, response.version(), response.consistency_token()});
      });
      for (const auto& known : ApiOf(node, service).methods()) {
        if (known.descriptor != nullptr && known.descriptor->name() == method) known.run(call);
      }
    };
    return entry;
  }

  template <typename Response, typename Request>
  Entry OnCase(Request request, const std::string& id, const Person& who, bool may_be_nothing = true) {
    return EntryFor<Response>(kOwnership, "ownership/" + request.case_id(), request, id, who, may_be_nothing);
  }

  void Busy(Client& client, const Person& who) {
    if (over_) return;
    const std::string id = client.name() + "/" + std::to_string(client.ledger().size());
    client.Give(Command(client, id, who));
    const absl::Duration pause = absl::Milliseconds(random().Chance(0.5) ? random().Below(3) : random().Below(800));
    world_.After(pause, [this, &client, &who] { Busy(client, who); });
  }

  Entry Command(Client& client, const std::string& id, const Person& who) {
    if (client.ledger().empty() && who.role != ROLE_SERVICE) return Available(id, who);
    if (known_.empty() || random().Chance(0.1)) return Open(id, who);
    auto chosen = known_.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(random().Below(known_.size())));
    if (who.role == ROLE_SERVICE || random().Chance(0.15)) return Interaction(*chosen, id, who);
    // The target is read as a person would: from any node, perhaps out of date.
    const Node& node = world_.node(static_cast<size_t>(random().Below(World::kNodes)));
    const auto view = ownership::kViews.Get(node.services[kOwnership].store, *chosen);
    ov1::OwnershipView shown = view.value_or(ov1::OwnershipView());
    ownership::FillPromises(shown);
    return Work(*chosen, shown, id, who);
  }

  Entry Available(const std::string& id, const Person& who) {
    ov1::SetAvailabilityRequest request;
    request.set_person(who.name);
    request.set_kind(who.role == ROLE_SUPERVISOR ? ov1::PERSON_KIND_SUPERVISOR : ov1::PERSON_KIND_REP);
    request.set_available(true);
    request.set_on_duty(who.role == ROLE_SUPERVISOR);
    return EntryFor<ov1::SetAvailabilityResponse>(kOwnership, "availability/" + std::string(who.name), request, id, who,
                                                  true);
  }

  Entry Open(const std::string& id, const Person& who) {
    iv1::OpenCaseRequest request;
    request.set_customer_id("kim");
    request.set_subject("no heat");
    request.set_text("It is cold.");
    request.set_channel(who.role == ROLE_SERVICE ? iv1::CHANNEL_WEB : iv1::CHANNEL_PHONE);
    runtime::Caller caller;
    caller.id = who.name;
    caller.command_id = id;
    return EntryFor<iv1::OpenCaseResponse>(kIntake, "case/" + runtime::DerivedId(caller, "case"), request, id, who,
                                           false);
  }

  Entry Interaction(const std::string& case_id, const std::string& id, const Person& who) {
    iv1::RecordInteractionRequest request;
    request.set_case_id(case_id);
    request.set_channel(iv1::CHANNEL_WEB);
    const bool inbound = who.role == ROLE_SERVICE || random().Chance(0.5);  // a system does not speak for us
    request.set_direction(inbound ? iv1::DIRECTION_INBOUND : iv1::DIRECTION_OUTBOUND);
    request.set_text("Still cold.");
    return EntryFor<iv1::RecordInteractionResponse>(kIntake, "case/" + case_id, request, id, who, false);
  }

  Entry Work(const std::string& case_id, const ov1::OwnershipView& view, const std::string& id, const Person& who) {
    const auto soon = [this] {
      return runtime::ToProto(world_.now() + absl::Milliseconds(200 + random().Below(4000)));
    };
    const auto on_case = [&](auto request) {
      request.set_case_id(case_id);
      return request;
    };
    if (view.has_handoff() && random().Chance(0.4)) {
      if (random().Chance(0.8)) {
        auto request = on_case(ov1::AcceptHandoffRequest());
        request.set_handoff_id(view.handoff().handoff_id());
        return OnCase<ov1::AcceptHandoffResponse>(request, id, who);
      }
      auto request = on_case(ov1::DeclineHandoffRequest());
      request.set_handoff_id(view.handoff().handoff_id());
      request.set_reason("on leave");
      return OnCase<ov1::DeclineHandoffResponse>(request, id, who);
    }
    const uint64_t dice = random().Below(100);
    if (dice < 25) {
      auto request = on_case(ov1::OfferHandoffRequest());
      request.set_to(kPeople[random().Below(3)].name);
      request.set_reason("knows heating");
      *request.mutable_expires_at() = soon();
      return OnCase<ov1::OfferHandoffResponse>(request, id, who);
    }
    if (dice < 50 || view.promises().empty()) {
      auto request = on_case(ov1::MakePromiseRequest());
      request.set_text("a call back");
      *request.mutable_due() = soon();
      return OnCase<ov1::MakePromiseResponse>(request, id, who, false);
    }
    const std::string promise =
        view.promises(static_cast<int>(random().Below(static_cast<uint64_t>(view.promises_size())))).promise_id();
    if (dice < 62) {
      auto request = on_case(ov1::KeepPromiseRequest());
      request.set_promise_id(promise);
      request.set_evidence("called");
      return OnCase<ov1::KeepPromiseResponse>(request, id, who);
    }
    if (dice < 70) {
      auto request = on_case(ov1::RenegotiatePromiseRequest());
      request.set_promise_id(promise);
      *request.mutable_new_due() = soon();
      request.set_reason("part is late");
      return OnCase<ov1::RenegotiatePromiseResponse>(request, id, who);
    }
    if (dice < 80) {
      auto request = on_case(ov1::ProposeResolutionRequest());
      request.set_text("new boiler");
      return OnCase<ov1::ProposeResolutionResponse>(request, id, who);
    }
    if (dice < 87) {
      auto request = on_case(ov1::ConfirmResolutionRequest());
      request.set_evidence("said so on the phone");
      return OnCase<ov1::ConfirmResolutionResponse>(request, id, who);
    }
    if (dice < 94) {
      auto request = on_case(ov1::CloseCaseRequest());
      request.set_reason("moved away");
      request.add_options_offered("refund");
      return OnCase<ov1::CloseCaseResponse>(request, id, who);
    }
    auto request = on_case(ov1::ReopenCaseRequest());
    request.set_reason("cold again");
    return OnCase<ov1::ReopenCaseResponse>(request, id, who);
  }

  log::Random& random() { return world_.random(); }

  std::vector<std::unique_ptr<Client>> clients_;  // the world's destructor may still call them
  std::map<std::pair<int, size_t>, std::pair<int, std::unique_ptr<server::Api>>> apis_;
  World world_;
  std::set<std::string> known_;
  bool over_ = false;
};

}  // namespace

std::vector<std::string> SimulateCases(uint64_t seed, bool trace) { return Cases(seed, trace).Run(); }

}  // namespace throughline::simulation
