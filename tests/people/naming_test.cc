// Wherever a person is named who is to own or answer, only an active rep or supervisor of ours is accepted. And every
// field of a request that can name somebody is known here: a new one fails the test until it says what it is.

#include <functional>
#include <map>
#include <set>

#include "libs/client/services.h"
#include "tests/people/world.h"

namespace throughline::people {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

class Naming : public AtWork {
 protected:
  Naming() {
    DefineComponent();  // root, an administrator, has done something, and so have a system and a carrier
    OpenCase("shop", ROLE_SERVICE);
    order_ = PlaceOrder("zoe");
    Do<supplier::v1::RecordVendorUpdateResponse, supplier::v1::RecordVendorUpdateRequest>(
        *supplier_, "order_id: \"" + order_ + "\" vendor_id: \"acme\" line_ids: \"1\" acknowledged {}", "acme",
        ROLE_PARTNER);
    case_ = OpenCase("ana");
    notice_ = PublishNotice("zoe");
    world_.Run();
  }

  // A command that names `who`, who is to own or answer then.
  struct Path {
    const char* field;  // the request and its field
    std::function<absl::Status(const std::string& who)> give;
  };
  template <typename Response, typename Request>
  Path Names(const server::Api& api, const char* field, const char* request, const char* as,
             runtime::Role role = ROLE_SUPERVISOR) {
    return {field, [=, this, &api](const std::string& who) {
              auto naming = FromText<Request>(request);
              const FieldDescriptor* named =
                  Request::descriptor()->FindFieldByName(std::string(field).substr(std::string(field).find('.') + 1));
              naming.GetReflection()->SetString(&naming, named, who);
              FillIn(naming);
              return Call<Response>(api, naming, as, role).status();
            }};
  }
  // Sets the fields that these requests need and that are not known before.
  void FillIn(google::protobuf::Message& request) {
    const auto set = [&](const char* name, const std::string& value) {
      const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
      if (field == nullptr || !request.GetReflection()->GetString(request, field).empty()) return;
      request.GetReflection()->SetString(&request, field, value);
    };
    if (request.GetTypeName().find("Place") != std::string::npos) {
      auto placing = Placing();
      placing.MergeFrom(static_cast<supplier::v1::PlaceOrderRequest&>(request));
      return request.CopyFrom(placing);
    }
    if (request.GetTypeName().find("Publish") != std::string::npos) {
      auto publishing = Publishing();
      publishing.MergeFrom(static_cast<outage::v1::PublishNoticeRequest&>(request));
      return request.CopyFrom(publishing);
    }
    if (request.GetTypeName().find("RequestHelp") != std::string::npos) {
      *static_cast<ownership::v1::RequestHelpRequest&>(request).mutable_due() =
          runtime::ToProto(world_.clock.Now() + absl::Hours(1));
    }
    if (request.GetTypeName().find("intake") == std::string::npos) set("case_id", case_);
    set("order_id", order_);
    set("notice_id", notice_);
    set("reason", "r");
  }
  std::vector<Path> Paths() {
    using namespace ownership::v1;  // NOLINT
    return {
        Names<OfferHandoffResponse, OfferHandoffRequest>(*ownership_, "OfferHandoff.to", "", "ana", ROLE_REP),
        Names<RequestHelpResponse, RequestHelpRequest>(*ownership_, "RequestHelp.to", R"pb(text: "t")pb", "ana",
                                                       ROLE_REP),
        Names<ReassignCaseResponse, ReassignCaseRequest>(*ownership_, "ReassignCase.to", "", "zoe"),
        Names<ChangePersonResponse, ChangePersonRequest>(*ownership_, "ChangePerson.reports_to", R"pb(person: "ana")pb",
                                                         "zoe"),
        Names<supplier::v1::PlaceOrderResponse, supplier::v1::PlaceOrderRequest>(*supplier_, "PlaceOrder.owner", "",
                                                                                 "shop", ROLE_SERVICE),
        Names<supplier::v1::ReassignOrderResponse, supplier::v1::ReassignOrderRequest>(*supplier_, "ReassignOrder.to",
                                                                                       "", "zoe"),
        Names<outage::v1::PublishNoticeResponse, outage::v1::PublishNoticeRequest>(*outage_, "PublishNotice.owner", "",
                                                                                   "zoe"),
        Names<outage::v1::ReassignNoticeResponse, outage::v1::ReassignNoticeRequest>(*outage_, "ReassignNotice.to", "",
                                                                                     "zoe"),
        Names<outage::v1::DefineComponentResponse, outage::v1::DefineComponentRequest>(
            *outage_, "DefineComponent.owner", R"pb(component_id: "app" name: "App")pb", "zoe"),
    };
  }

  std::string case_, order_, notice_;
};

// A stranger, a carrier, a vendor, a system, a reader, an administrator, our own service, a name with another line, and
// a rep who was deactivated.
constexpr const char* kNobodyOfOurs[] = {
    "nobody", "ups",  "acme",       "shop", "dashboard", "root", "throughline.ownership",
    "ana\nx", "ana ", "ben\r\nzoe", "gone"};

TEST_F(Naming, OnlyAnActiveRepOrSupervisorOfOursOwnsOrAnswers) {
  for (const Path& path : Paths()) {
    for (const char* who : kNobodyOfOurs) {
      SCOPED_TRACE(std::string(path.field) + " names " + who);
      const size_t before = Records();
      const absl::Status refused = path.give(who);
      const std::string reason = runtime::ReasonOf(refused).value_or("");
      const bool reports_to = std::string(path.field) == "ChangePerson.reports_to";
      EXPECT_THAT(reason, reports_to                   ? "BAD_FIELD"
                          : std::string(who) == "gone" ? "PERSON_DEACTIVATED"
                                                       : "PERSON_UNKNOWN")
          << refused;
      EXPECT_EQ(Records(), before) << "and nothing is written";
    }
    // It is the name that was refused.
    const absl::Status accepted = path.give(std::string(path.field) == "ChangePerson.reports_to" ? "abe" : "ben");
    EXPECT_TRUE(accepted.ok()) << path.field << ": " << accepted;
  }
}

TEST_F(Naming, AnAbsentPersonIsNeitherOfferedNorGivenACase) {
  Absent("ben");
  for (const Path& path : Paths()) {
    const std::string field = path.field;
    if (field != "OfferHandoff.to" && field != "ReassignCase.to" && field != "RequestHelp.to") continue;
    EXPECT_EQ(runtime::ReasonOf(path.give("ben")), "PERSON_ABSENT") << path.field;
  }
}

// Paths on which the caller is who owns.
TEST_F(Naming, ACallerWhoOwnsIsAnActiveRepOrSupervisorOfOurs) {
  const auto opening =
      FromText<intake::v1::OpenCaseRequest>(R"pb(customer_id: "kim" subject: "s" text: "t" channel: CHANNEL_PHONE)pb");
  const auto opened_by = [&](const char* who, runtime::Role role) {
    return Call<intake::v1::OpenCaseResponse>(*intake_, opening, who, role);
  };
  EXPECT_EQ(runtime::ReasonOf(opened_by("gone", ROLE_REP).status()), "PERSON_DEACTIVATED");
  for (const auto& [who, role] : {std::pair("ups", ROLE_PARTNER), std::pair("root", ROLE_ADMIN),
                                  std::pair("dashboard", ROLE_READER), std::pair("shop", ROLE_SERVICE)}) {
    const auto opened = opened_by(who, role);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->owner(), "abe") << "opened by " << who << ": the first supervisor on duty owns it";
  }
  EXPECT_EQ(runtime::ReasonOf(Call<supplier::v1::PlaceOrderResponse>(*supplier_, Placing(), "gone", ROLE_REP).status()),
            "PERSON_DEACTIVATED");
  for (const auto& [who, role] : {std::pair("ups", ROLE_PARTNER), std::pair("root", ROLE_ADMIN)}) {
    const auto placed = Call<supplier::v1::PlaceOrderResponse>(*supplier_, Placing(), who, role);
    ASSERT_TRUE(placed.ok()) << placed.status();
    EXPECT_EQ(placed->owner(), "sam") << "placed by " << who << ": the fallback owner owns it";
  }
  EXPECT_EQ(
      runtime::ReasonOf(Call<outage::v1::PublishNoticeResponse>(*outage_, Publishing(), "root", ROLE_ADMIN).status()),
      "PERSON_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(
                Call<outage::v1::PublishNoticeResponse>(*outage_, Publishing(), "gone", ROLE_SUPERVISOR).status()),
            "PERSON_DEACTIVATED");
  ownership::v1::MakePromiseRequest promise;
  promise.set_case_id(case_);
  promise.set_text("We ring");
  *promise.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  EXPECT_EQ(runtime::ReasonOf(
                Call<ownership::v1::MakePromiseResponse>(*ownership_, promise, "gone", ROLE_SUPERVISOR).status()),
            "PERSON_DEACTIVATED");
}

TEST_F(Naming, WhoIsDeactivatedGivesNothingToOthers) {
  const std::string case_id = OpenCase();
  const auto refused = [&](const auto& answer) { return runtime::ReasonOf(answer.status()) == "PERSON_DEACTIVATED"; };
  const auto ask = [&](const auto& api, auto request, auto response) {
    return Call<decltype(response)>(*api, request, "gone", ROLE_SUPERVISOR);
  };
  auto publishing = Publishing();
  publishing.set_owner("zoe");
  EXPECT_TRUE(refused(ask(outage_, publishing, outage::v1::PublishNoticeResponse())));
  EXPECT_TRUE(refused(ask(
      outage_, FromText<outage::v1::ReassignNoticeRequest>("to: \"ben\" reason: \"r\" notice_id: \"" + notice_ + "\""),
      outage::v1::ReassignNoticeResponse())));
  EXPECT_TRUE(refused(ask(
      supplier_, FromText<supplier::v1::ReassignOrderRequest>("to: \"ben\" reason: \"r\" order_id: \"" + order_ + "\""),
      supplier::v1::ReassignOrderResponse())));
  EXPECT_TRUE(refused(
      ask(ownership_,
          FromText<ownership::v1::ReassignCaseRequest>("to: \"ben\" reason: \"r\" case_id: \"" + case_id + "\""),
          ownership::v1::ReassignCaseResponse())));
}

TEST_F(Naming, TheFallbackOwnerIsAnActiveRepOrSupervisorOfOurs) {
  for (const char* supervisor : {"abe", "zoe"}) {
    Meet(supervisor, ROLE_SUPERVISOR, "");  // off duty
  }
  for (const char* who : kNobodyOfOurs) {
    SCOPED_TRACE(who);
    intake::Config intake_config;
    intake_config.fallback_owner = who;
    const auto intake = intake::MakeApi(intake_node_.streams(), intake_config);
    EXPECT_EQ(runtime::ReasonOf(Call<intake::v1::OpenCaseResponse>(
                                    *intake, FromText<intake::v1::OpenCaseRequest>(R"pb(customer_id: "kim"
                                                                                        subject: "s"
                                                                                        text: "t"
                                                                                        channel: CHANNEL_WEB)pb"),
                                    "shop", ROLE_SERVICE)
                                    .status()),
              "NO_OWNER");
    supplier::Config supplier_config;
    supplier_config.fallback_owner = who;
    const auto supplier = supplier::MakeApi(supplier_node_.streams(), supplier_config);
    EXPECT_EQ(
        runtime::ReasonOf(Call<supplier::v1::PlaceOrderResponse>(*supplier, Placing(), "shop", ROLE_SERVICE).status()),
        std::string(who) == "gone" ? "PERSON_DEACTIVATED" : "PERSON_UNKNOWN");
  }
}

// What a request's texts are. Those that may name somebody of ours are listed one by one.
const std::set<std::string> kNamesNobodyOfOurs = {"absence_id",
                                                  "accepted_substitutes",
                                                  "acknowledgement",
                                                  "address",
                                                  "answer_due_in",
                                                  "calendar",
                                                  "carrier",
                                                  "case_id",
                                                  "case_id_prefix",
                                                  "cause",
                                                  "changed",
                                                  "channel",
                                                  "code",
                                                  "collect_at",
                                                  "command_id",
                                                  "commitment_id",
                                                  "component_id",
                                                  "component_ids",
                                                  "consistency_token",
                                                  "content_type",
                                                  "current_text",
                                                  "customer_calendar",
                                                  "customer_group",
                                                  "customer_id",
                                                  "customer_options",
                                                  "decision",
                                                  "declined_substitutes",
                                                  "delivery_id",
                                                  "depends_on_component_ids",
                                                  "description",
                                                  "destination",
                                                  "destination_zone",
                                                  "document_id",
                                                  "done_commitment_ids",
                                                  "due_in",
                                                  "evidence",
                                                  "evidence_ids",
                                                  "follow_up_id",
                                                  "follows",
                                                  "format",
                                                  "from_day",
                                                  "further_component_ids",
                                                  "group",
                                                  "handoff_id",
                                                  "interaction_id",
                                                  "item_id",
                                                  "keywords",
                                                  "kind",
                                                  "known_digest",
                                                  "language",
                                                  "known_by",
                                                  "last_interaction_seen",
                                                  "line_id",
                                                  "line_ids",
                                                  "link_id",
                                                  "name",
                                                  "new_due_in",
                                                  "next_action",
                                                  "next_action_due_in",
                                                  "next_update_due_in",
                                                  "notice_id",
                                                  "notice_id_prefix",
                                                  "options_offered",
                                                  "order_id",
                                                  "origin",
                                                  "other_case_id",
                                                  "page_token",
                                                  "payment_id",
                                                  "product",
                                                  "promise_id",
                                                  "reason",
                                                  "reference",
                                                  "region",
                                                  "regions",
                                                  "remedy_id",
                                                  "resume_from",
                                                  "secret",
                                                  "serial_number",
                                                  "shipment",
                                                  "skills",
                                                  "source",
                                                  "speaker",
                                                  "store",
                                                  "sscc",
                                                  "subject",
                                                  "subscriber_id",
                                                  "suggestion_id",
                                                  "suspicion_id",
                                                  "team",
                                                  "text",
                                                  "title",
                                                  "to_day",
                                                  "token",
                                                  "tracking_number",
                                                  "vendor_id",
                                                  "waiting_on",
                                                  "words",
                                                  "workaround"};
// Reads, and the persons that are themselves changed: nothing is owned or answered by being named here.
const std::set<std::string> kNamesWithoutGiving = {
    "ListCases.owner",      "ListCommitments.person", "ListPersons.above",       "ListWorklist.person",
    "WatchWorklist.person", "GetPerson.person",       "SetAvailability.person",  "ChangePerson.person",
    "PlanAbsence.person",   "EndAbsence.person",      "DeactivatePerson.person", "ReactivatePerson.person",
    "MakePromise.to",  // the customer
    "SearchCases.owner",    "GetReport.value",        "GetScorecards.value",
};

TEST_F(Naming, EveryFieldThatCanNameSomebodyIsKnownHere) {
  std::set<std::string> tested;
  for (const Path& path : Paths()) tested.insert(path.field);
  std::set<std::string> used;
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const Descriptor& request = *service->method(i)->input_type();
      for (int k = 0; k < request.field_count(); ++k) {
        const FieldDescriptor& field = *request.field(k);
        if (field.type() != FieldDescriptor::TYPE_STRING || kNamesNobodyOfOurs.contains(field.name())) continue;
        const std::string name = service->method(i)->name() + "." + field.name();
        used.insert(name);
        EXPECT_TRUE(tested.contains(name) || kNamesWithoutGiving.contains(name))
            << name << " may name a person. If they own or answer then, add it to Paths(); if not, to "
            << "kNamesWithoutGiving; if it can name nobody, to kNamesNobodyOfOurs";
      }
    }
  }
  for (const std::string& name : tested) EXPECT_TRUE(used.contains(name)) << name << " is in no contract";
}

}  // namespace
}  // namespace throughline::people
