// The commands and reads of persons. Each handler of a command gathers what its rule needs
// to know of other persons.

#include "services/ownership/people/people.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/calls.h"
#include "libs/service/pages.h"
#include "services/ownership/api/api.h"
#include "services/ownership/api/if_active.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/projections/worklist_page.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using server::Context;
using server::Reply;

enum WhoIsMeant { kNamedOrCaller, kNamed };

// Adds an RPC that changes one person. `gather(request, rows)` makes the command from the request and facts of other
// persons.
template <WhoIsMeant kWho, typename Request, typename Response, typename Gather>
void PersonRpc(server::Api& api, runtime::Streams& streams, std::string_view method, Gather gather,
               void (*fill)(const Caller&, Response&) = nullptr) {
  api.Unary<Request, Response>(
      method, [&streams, gather, fill](const Context& context, Request request, Reply<Response> reply) {
        if (kWho == kNamedOrCaller && request.person().empty()) request.set_person(context.caller().id);
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "person", request.person(), "name the person by the id in their credential");
        if (!bad.empty()) return reply(bad.ToStatus());
        // What others' streams say counts as it is now.
        streams.AfterPresent(context.deadline(), [&streams, gather, fill, request, reply](const absl::Status& status) {
          if (!status.ok()) return reply(status);
          const runtime::StreamId stream{Person::kKind, request.person()};
          const auto answer = [person = request.person(), fill, caller = reply.context().caller()](
                                  const runtime::Outcome<Person>&, Response& response) {
            response.set_person(person);
            if (fill != nullptr) fill(caller, response);
          };
          IfActive<Person, Request>(streams, stream, request, reply, answer, [=, &streams] {
            service::Change<Person, Response>(streams, reply.context(), stream, gather(request, *streams.View()), reply,
                                              answer);
          });
        });
      });
}

template <typename Request>
Request WithoutFacts(const Request& request, const store::KeyValue&) {
  return request;
}

ChangePerson GatherChange(const v1::ChangePersonRequest& request, const store::KeyValue& reader) {
  ChangePerson command{request};
  if (!request.reports_to().empty()) {
    const auto above = kPersons.Get(reader, request.reports_to());
    command.above_is_supervisor =
        CheckActive(above, request.reports_to()).ok() && above->profile().kind() == v1::PERSON_KIND_SUPERVISOR;
    command.above_is_below = ReportsTo(reader, request.reports_to(), request.person());
  }
  return command;
}

void FillAbsence(const Caller& caller, v1::PlanAbsenceResponse& response) {
  response.set_absence_id(runtime::DerivedId(caller, "absence"));
}

// The row with what is looked up when it is shown.
v1::PersonView Shown(v1::PersonView person, const store::KeyValue& reader, absl::Time now,
                     const std::string& last_resort) {
  auto& absences = *person.mutable_absences();
  absences.erase(
      std::remove_if(absences.begin(), absences.end(),
                     [&](const v1::AbsenceView& absence) { return runtime::FromProto(absence.until()) <= now; }),
      absences.end());
  person.set_absent(IsAbsent(person, now));
  if (auto above = Above(reader, person.person(), now, last_resort)) person.set_above(*std::move(above));
  const Load load = LoadOf(reader, person.person(), now);
  person.set_open_cases(load.open_cases);
  person.set_overdue_items(load.overdue_items);
  return person;
}

absl::Status PersonUnknown(const std::string& person) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "PERSON_UNKNOWN",
                         "nobody called `" + person + "` is known: check the name, or list the persons");
}

v1::ListPersonsResponse List(const store::KeyValue& reader, const v1::ListPersonsRequest& request,
                             const std::string& question, const std::string& after, absl::Time now,
                             const std::string& last_resort) {
  std::vector<v1::PersonView> rows;  // as many as people work here
  kPersons.Scan(reader, after, [&](std::string_view, const auto&, const v1::PersonView& row) {
    if (row.deactivated() && !request.include_deactivated()) return true;
    if (request.team().empty() || row.profile().team() == request.team()) rows.push_back(row);
    return true;
  });
  v1::ListPersonsResponse response;
  for (v1::PersonView& row : rows) {
    v1::PersonView person = Shown(std::move(row), reader, now, last_resort);
    if (!request.above().empty() && person.above() != request.above()) continue;
    if (response.persons_size() == request.page_size()) {
      const std::string& last = response.persons(response.persons_size() - 1).person();
      response.set_next_page_token(service::PageToken(question, kPersons.KeyOf(last)));
      break;
    }
    *response.add_persons() = std::move(person);
  }
  return response;
}

void AddGetPerson(server::Api& api, runtime::Streams& streams, const std::string& last_resort) {
  api.Unary<v1::GetPersonRequest, v1::GetPersonResponse>(
      "GetPerson", [&streams, last_resort](const Context& context, v1::GetPersonRequest request, auto reply) {
        const std::string person = request.person().empty() ? context.caller().id : request.person();
        service::Read<v1::GetPersonResponse>(
            streams, context, request.consistency_token(), reply,
            [&streams, last_resort, person](const store::KeyValue& rows) -> absl::StatusOr<v1::GetPersonResponse> {
              auto row = kPersons.Get(rows, person);
              if (!row) return PersonUnknown(person);
              v1::GetPersonResponse response;
              *response.mutable_person() = Shown(*std::move(row), rows, streams.clock().Trusted(), last_resort);
              return response;
            });
      });
}

void AddListPersons(server::Api& api, runtime::Streams& streams, const std::string& last_resort) {
  api.Unary<v1::ListPersonsRequest, v1::ListPersonsResponse>(
      "ListPersons", [&streams, last_resort](const Context& context, v1::ListPersonsRequest request, auto reply) {
        const std::string question = service::Question(request);
        auto after = service::AfterPage(question, kPersons.KeyOf(), request.page_token());
        if (!after.ok()) return reply(after.status());
        const std::string token = request.consistency_token();
        service::Read<v1::ListPersonsResponse>(
            streams, context, token, reply,
            [&streams, last_resort, request = std::move(request), question,
             after = *std::move(after)](const store::KeyValue& rows) -> absl::StatusOr<v1::ListPersonsResponse> {
              return List(rows, request, question, after, streams.clock().Trusted(), last_resort);
            });
      });
}

}  // namespace

void AddPeople(server::Api& api, runtime::Streams& streams, const Config& config) {
  AddGetPerson(api, streams, config.fallback_owner);
  AddListPersons(api, streams, config.fallback_owner);
  PersonRpc<kNamedOrCaller, v1::SetAvailabilityRequest, v1::SetAvailabilityResponse>(
      api, streams, "SetAvailability", WithoutFacts<v1::SetAvailabilityRequest>);
  PersonRpc<kNamed, v1::ChangePersonRequest, v1::ChangePersonResponse>(api, streams, "ChangePerson", GatherChange);
  PersonRpc<kNamedOrCaller, v1::PlanAbsenceRequest, v1::PlanAbsenceResponse>(
      api, streams, "PlanAbsence", WithoutFacts<v1::PlanAbsenceRequest>, FillAbsence);
  PersonRpc<kNamedOrCaller, v1::EndAbsenceRequest, v1::EndAbsenceResponse>(api, streams, "EndAbsence",
                                                                           WithoutFacts<v1::EndAbsenceRequest>);
  const auto gather_deactivation = [&streams, last_resort = config.fallback_owner](
                                       const v1::DeactivatePersonRequest& request, const store::KeyValue& rows) {
    const absl::Time now = streams.clock().Trusted();
    return DeactivatePerson{request, Above(rows, request.person(), now, last_resort).has_value()};
  };
  PersonRpc<kNamed, v1::DeactivatePersonRequest, v1::DeactivatePersonResponse>(api, streams, "DeactivatePerson",
                                                                               gather_deactivation);
  PersonRpc<kNamed, v1::ReactivatePersonRequest, v1::ReactivatePersonResponse>(
      api, streams, "ReactivatePerson", WithoutFacts<v1::ReactivatePersonRequest>);
}

}  // namespace throughline::ownership
