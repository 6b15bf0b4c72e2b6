// The calls of the quarantine, through their handlers, and that codes which an administrator maps at run time are read
// alike by every replica.

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/testing.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"
#include "services/supplier-tracking/supplier_tracking.h"
#include "tests/support/test_directory.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::supplier {
namespace {

using namespace service::testing;  // NOLINT
using common::v1::ROLE_ADMIN;
using common::v1::ROLE_PARTNER;
using common::v1::ROLE_REP;
using ::testing::ElementsAre;

class QuarantineCalls : public ::testing::Test {
 protected:
  QuarantineCalls() { Replica(); }

  // Another replica of the service on the same log, with its own maps' folder.
  size_t Replica(const std::string& maps = "") {
    Config config;
    config.carrier_maps = maps;
    auto& node = world_.Add(Define(config));
    apis_.push_back(MakeApi(node.streams(), config));
    world_.Run();
    return apis_.size() - 1;
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const std::string& request, size_t replica = 0, runtime::Role role = ROLE_ADMIN) {
    std::string method = Request::descriptor()->name();
    method.resize(method.size() - std::string("Request").size());
    return Ask<Response>(world_, *apis_[replica], method, FromText<Request>(request),
                         Asking("root", role, absl::StrCat("command ", ++commands_)));
  }
  template <typename Response, typename Request>
  Response Do(const std::string& request, size_t replica = 0) {
    auto answer = Call<Response, Request>(request, replica);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(Response());
  }
  // Pushes a payload as a partner does; the results of its events.
  std::vector<v1::PushResult> Push(const std::string& format, const std::string& body, size_t replica = 0) {
    v1::PushRawEventsRequest request;
    request.set_format(format);
    request.set_body(body);
    runtime::Caller caller = Asking("ups", ROLE_PARTNER, absl::StrCat("push ", ++commands_));
    caller.party = std::string(format.substr(0, format.find('-')));
    caller.time = world_.clock.Trusted();
    const auto call = std::make_shared<FakeCall>(request, caller, world_.clock.Now() + absl::Seconds(60));
    std::unique_ptr<server::Api::RawSession> session;
    for (const auto& method : apis_[replica]->methods()) {
      if (method.descriptor->name() == "PushRawEvents") session = method.open(call);
    }
    session->OnMessage(request);
    session->OnHalfClose();
    world_.Run();
    EXPECT_TRUE(call->status && call->status->ok());
    std::vector<v1::PushResult> results;
    for (const std::string& bytes : call->responses) {
      v1::PushRawEventsResponse response;
      response.ParseFromString(bytes);
      EXPECT_FALSE(response.has_error()) << response.error().message();
      for (const auto& event : response.events()) results.push_back(event.result());
    }
    return results;
  }
  // A push of UPS with this code, as the carrier sends it.
  static std::string Alert(const std::string& type, const std::string& code, const std::string& number) {
    return absl::StrReplaceAll(Payload("ups-track-alert/direct-4-arrival.json"),
                               {{"\"type\": \"I\"", absl::StrCat("\"type\": \"", type, "\"")},
                                {"\"code\": \"AR\"", absl::StrCat("\"code\": \"", code, "\"")},
                                {"1Z204W4R0308071865", number}});
  }
  v1::ListQuarantinedMessagesResponse Messages(size_t replica = 0) {
    return Do<v1::ListQuarantinedMessagesResponse, v1::ListQuarantinedMessagesRequest>("", replica);
  }
  int Codes(size_t replica = 0) {
    return Do<v1::ListQuarantineResponse, v1::ListQuarantineRequest>("", replica).codes_size();
  }
  std::vector<v1::TrackingState> StatesOf(const std::string& number, size_t replica = 0) {
    std::vector<v1::TrackingState> states;
    const auto shipment = Do<v1::GetShipmentResponse, v1::GetShipmentRequest>(
        absl::StrCat("carrier: \"ups\" tracking_number: \"", number, "\""), replica);
    for (const auto& scan : shipment.scans()) states.push_back(scan.state());
    return states;
  }
  std::string Reason(const absl::Status& status) { return runtime::ReasonOf(status).value_or("none"); }

  World world_;
  std::vector<std::unique_ptr<server::Api>> apis_;
  int commands_ = 0;
};

constexpr char kMap[] =
    R"(carrier: "ups" code { type: "I" code: "QK" } state: TRACKING_STATE_IN_TRANSIT source: "UPS, call of 3 March")";
constexpr char kNumber[] = "1Z204W4R0308071865";

TEST_F(QuarantineCalls, ListsCodesAndMessagesWithTheirWholeBodies) {
  const std::string body = Alert("I", "QK", kNumber);
  EXPECT_THAT(Push("ups-track-alert", body), ElementsAre(v1::PUSH_RESULT_QUARANTINED));
  const auto codes = Do<v1::ListQuarantineResponse, v1::ListQuarantineRequest>(R"(carrier: "ups")");
  ASSERT_EQ(codes.codes_size(), 1);
  EXPECT_EQ(codes.codes(0).code().code(), "QK");
  EXPECT_EQ(codes.codes(0).count(), 1u);
  EXPECT_EQ((Do<v1::ListQuarantineResponse, v1::ListQuarantineRequest>(R"(carrier: "usps")").codes_size()), 0);
  const std::string shipment = absl::StrCat("shipment/ups/", kNumber, "/1");
  const auto whole = Do<v1::ListQuarantinedMessagesResponse, v1::ListQuarantinedMessagesRequest>(
      absl::StrCat("shipment: \"", shipment, "\""));
  ASSERT_EQ(whole.messages_size(), 1);
  EXPECT_EQ(whole.messages(0).shipment(), shipment);
  EXPECT_EQ(whole.messages(0).quarantined().raw_size(), whole.messages(0).quarantined().raw().size());
  EXPECT_NE(whole.messages(0).quarantined().raw().find("\"gmtActivityTime\""), std::string::npos);
  EXPECT_EQ(
      Reason(Call<v1::ListQuarantinedMessagesResponse, v1::ListQuarantinedMessagesRequest>("shipment: \"x\"").status()),
      "BAD_FIELD");
}

// In a list a body is cut; of one shipment it is whole.
TEST_F(QuarantineCalls, CutsBodiesInLists) {
  const std::string torn = "not a payload " + std::string(5000, 'x');
  EXPECT_THAT(Push("ups-track-alert", torn), ElementsAre(v1::PUSH_RESULT_QUARANTINED));
  const auto cut = Messages();
  ASSERT_EQ(cut.messages_size(), 1);
  EXPECT_EQ(cut.messages(0).quarantined().raw().size(), 1024u);
  const auto whole = Do<v1::ListQuarantinedMessagesResponse, v1::ListQuarantinedMessagesRequest>(
      absl::StrCat("shipment: \"", cut.messages(0).shipment(), "\""));
  EXPECT_EQ(whole.messages(0).quarantined().raw(), torn);
}

TEST_F(QuarantineCalls, AMappedCodesMessagesBecomeScansAtOnce) {
  Push("ups-track-alert", Alert("I", "QK", kNumber));
  EXPECT_EQ(Codes(), 1);
  Do<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(kMap);
  EXPECT_EQ(Codes(), 0);
  EXPECT_EQ(Messages().messages_size(), 0);
  EXPECT_THAT(StatesOf(kNumber), ElementsAre(v1::TRACKING_STATE_IN_TRANSIT));
  EXPECT_THAT(Push("ups-track-alert", Alert("I", "QK", "1Z204W4R0308071999")), ElementsAre(v1::PUSH_RESULT_ACCEPTED));
}

// Whatever files they have: what is mapped is in the log.
TEST_F(QuarantineCalls, EveryReplicaReadsAMappedCodeAlike) {
  const TestDirectory folder;
  std::ofstream(folder.path() + "/ups.textproto")
      << R"(carrier: "ups" entries { type: "I" code: "AR" state: TRACKING_STATE_IN_TRANSIT description: "Arrived" })";
  const size_t second = Replica(folder.path());
  Push("ups-track-alert", Alert("I", "QK", kNumber), second);
  EXPECT_EQ(Codes(second), 1);
  Do<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(kMap, 0);
  for (const size_t replica : {size_t{0}, second, Replica()}) {  // the last one is started afterwards
    EXPECT_EQ(Codes(replica), 0) << replica;
    EXPECT_THAT(StatesOf(kNumber, replica), ElementsAre(v1::TRACKING_STATE_IN_TRANSIT)) << replica;
    EXPECT_THAT(Push("ups-track-alert", Alert("I", "QK", absl::StrCat("1Z204W4R030807100", replica)), replica),
                ElementsAre(v1::PUSH_RESULT_ACCEPTED));
    EXPECT_EQ((Do<v1::ListMappedCodesResponse, v1::ListMappedCodesRequest>("", replica).codes_size()), 1) << replica;
  }
}

TEST_F(QuarantineCalls, AWithdrawnCodeIsQuarantinedAgainAndScansStay) {
  Push("ups-track-alert", Alert("I", "QK", kNumber));
  Do<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(kMap);
  const auto mapped = Do<v1::ListMappedCodesResponse, v1::ListMappedCodesRequest>(R"(carrier: "ups")");
  ASSERT_EQ(mapped.codes_size(), 1);
  EXPECT_EQ(mapped.codes(0).mapped().mapped_by(), "root");
  Do<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(absl::StrCat(kMap, " withdraw: true"));
  EXPECT_EQ((Do<v1::ListMappedCodesResponse, v1::ListMappedCodesRequest>("").codes_size()), 0);
  EXPECT_THAT(StatesOf(kNumber), ElementsAre(v1::TRACKING_STATE_IN_TRANSIT));
  EXPECT_THAT(Push("ups-track-alert", Alert("I", "QK", "1Z204W4R0308071999")),
              ElementsAre(v1::PUSH_RESULT_QUARANTINED));
}

TEST_F(QuarantineCalls, WhatAMapNamesIsNotMapped) {
  const std::string known = absl::StrReplaceAll(kMap, {{"QK", "AR"}});
  EXPECT_EQ(Reason(Call<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(known).status()), "CODE_KNOWN");
  EXPECT_EQ(Reason(Call<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>("").status()), "BAD_FIELD");
}

TEST_F(QuarantineCalls, ReplayReadsAChangedFolderAndKeepsTheMapsIfItIsNotInOrder) {
  const TestDirectory folder;
  const auto write = [&](const std::string& entry) {
    std::ofstream(folder.path() + "/ups.textproto") << "carrier: \"ups\" " << entry;
  };
  write(R"(entries { type: "I" code: "AR" state: TRACKING_STATE_IN_TRANSIT description: "Arrived" })");
  const size_t replica = Replica(folder.path());
  Push("ups-track-alert", Alert("I", "QK", kNumber), replica);
  write("entries { nonsense }");
  EXPECT_EQ(Reason(Call<v1::ReplayQuarantineResponse, v1::ReplayQuarantineRequest>("", replica).status()),
            "MAPS_NOT_IN_ORDER");
  EXPECT_THAT(Push("ups-track-alert", Alert("I", "AR", kNumber), replica), ElementsAre(v1::PUSH_RESULT_ACCEPTED));
  // A code that is mapped meanwhile does not need the folder.
  Do<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(absl::StrReplaceAll(kMap, {{"QK", "ZZ"}}), replica);
  EXPECT_EQ(Codes(replica), 1);
  write(R"(entries { type: "I" code: "QK" state: TRACKING_STATE_ON_HOLD description: "Seen" })");
  const auto replayed = Do<v1::ReplayQuarantineResponse, v1::ReplayQuarantineRequest>("", replica);
  EXPECT_THAT(replayed.carriers(), ElementsAre("ups"));
  EXPECT_EQ(Codes(replica), 0);
}

TEST_F(QuarantineCalls, AnAdministratorDiscardsWithAReason) {
  Push("ups-track-alert", "not a payload");
  const auto kept = Messages();
  ASSERT_EQ(kept.messages_size(), 1);
  v1::DiscardQuarantinedRequest request;
  request.set_shipment(kept.messages(0).shipment());
  request.set_fingerprint(kept.messages(0).quarantined().fingerprint());
  const auto discard = [&] {
    return Ask<v1::DiscardQuarantinedResponse>(world_, *apis_[0], "DiscardQuarantined", request,
                                               Asking("root", ROLE_ADMIN, absl::StrCat("command ", ++commands_)));
  };
  EXPECT_EQ(Reason(discard().status()), "BAD_FIELD") << "without a reason";
  request.set_reason("a test of the carrier");
  const auto done = discard();
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->shipment(), request.shipment());
  EXPECT_EQ(Messages().messages_size(), 0);
  EXPECT_TRUE(discard().ok()) << "again is nothing to do";
  request.set_fingerprint(std::string(32, 'x'));
  EXPECT_EQ(Reason(discard().status()), "NOT_IN_QUARANTINE");
  request.set_fingerprint("short");
  EXPECT_EQ(Reason(discard().status()), "BAD_FIELD");
  request.set_shipment("x");
  EXPECT_EQ(Reason(discard().status()), "BAD_FIELD");
}

TEST_F(QuarantineCalls, NothingExpires) {
  Push("ups-track-alert", Alert("I", "QK", kNumber));
  Push("ups-track-alert", "not a payload");
  for (int year = 0; year < 10; ++year) world_.Pass(absl::Hours(24 * 365));
  EXPECT_EQ(Messages().messages_size(), 2);
  Do<v1::MapCarrierCodeResponse, v1::MapCarrierCodeRequest>(kMap);
  EXPECT_THAT(StatesOf(kNumber), ElementsAre(v1::TRACKING_STATE_IN_TRANSIT));
}

}  // namespace
}  // namespace throughline::supplier
