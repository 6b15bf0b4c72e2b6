#include "libs/client/services.h"

#include <set>

#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/server/checks/field_rules.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/intake/v1/views.pb.h"

namespace throughline::client {
namespace {

TEST(Services, AllFourAreLinked) {
  std::set<std::string> names;
  for (const auto* service : AllServices()) names.insert(service->full_name());
  EXPECT_EQ(names,
            (std::set<std::string>{"throughline.intake.v1.IntakeService", "throughline.outage.v1.OutageNoticeService",
                                   "throughline.ownership.v1.OwnershipService",
                                   "throughline.supplier.v1.SupplierTrackingService"}));
}

// Client depends on it: the request type selects the RPC.
TEST(Services, NoTwoMethodsShareARequest) {
  std::set<const google::protobuf::Descriptor*> requests;
  for (const auto* service : AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      EXPECT_TRUE(requests.insert(service->method(i)->input_type()).second) << service->method(i)->full_name();
      EXPECT_EQ(MethodFor(*service->method(i)->input_type()), service->method(i));
    }
  }
}

// Every field that enters the system is checked by a rule in the contract.
TEST(Services, EveryFieldOfEveryRequestHasItsRule) {
  for (const auto* service : AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto unruled = server::FieldRules::Unruled(*service->method(i)->input_type());
      EXPECT_TRUE(unruled.empty()) << service->method(i)->full_name() << ": " << unruled.size() << " without, first "
                                   << (unruled.empty() ? "" : unruled.front());
    }
  }
}

TEST(Services, PathIsTheOneOnTheWire) {
  const auto* method = MethodFor(*intake::v1::OpenCaseRequest::descriptor());
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(PathOf(*method), "/throughline.intake.v1.IntakeService/OpenCase");
  EXPECT_EQ(MethodFor(*intake::v1::CaseView::descriptor()), nullptr);
}

TEST(Services, AndTheirNamesAreInTheSameOrder) {
  const std::vector<std::string> names = ServiceNames();
  const auto services = AllServices();
  ASSERT_EQ(names.size(), services.size());
  EXPECT_EQ(names[2], "outage-notice");
  EXPECT_EQ(services[0]->full_name(), "throughline.intake.v1.IntakeService");
  EXPECT_EQ(services[1]->full_name(), "throughline.ownership.v1.OwnershipService");
  EXPECT_EQ(services[2]->full_name(), "throughline.outage.v1.OutageNoticeService");
  EXPECT_EQ(services[3]->full_name(), "throughline.supplier.v1.SupplierTrackingService");
}

TEST(Client, FillsInACommandIdOnceAndOnlyForCommands) {
  intake::v1::OpenCaseRequest command;
  const std::string id = EnsureCommandId(command);
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(command.command_id(), id);
  EXPECT_EQ(EnsureCommandId(command), id);
  intake::v1::GetCaseRequest question;
  EXPECT_EQ(EnsureCommandId(question), "");
}

TEST(Client, RefusesAResponseOfAnotherRpc) {
  const Client client({.address = "127.0.0.1:1"});
  const auto answer = client.Call<intake::v1::GetCaseResponse>(intake::v1::OpenCaseRequest());
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
}

TEST(Client, RefusesATokenThatIsNoHeaderValue) {
  const Client client({.address = "127.0.0.1:1", .token = "two\nlines"});
  const auto answer = client.Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest());
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnauthenticated);
}

TEST(Client, GivesUpAfterItsTries) {
  const Client client({.address = "127.0.0.1:1", .timeout = absl::Seconds(20), .tries = 2});
  const auto answer = client.Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest());
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
}

TEST(Client, ReportsAMissingOrMalformedAddress) {
  const Client of_ownership({.address = "ownership=127.0.0.1:1"});
  const auto missing = of_ownership.Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest());
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kInvalidArgument);
  const Client of_nobody({.address = "support=127.0.0.1:1"});
  const auto unread = of_nobody.Call<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest());
  EXPECT_EQ(unread.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Client, WaitsForStartedCallsInItsDestructor) {
  int answers = 0;
  {
    const Client client({.address = "127.0.0.1:1"});
    for (int i = 0; i < 20; ++i) {
      client.Start<intake::v1::GetCaseResponse>(intake::v1::GetCaseRequest(), [&](const auto& answer) {
        EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
        ++answers;
      });
    }
  }
  EXPECT_EQ(answers, 20);
}

}  // namespace
}  // namespace throughline::client
