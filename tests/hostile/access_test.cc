// Authorization: every RPC and role of the contract's table, invalid tokens, and partners that act for others.

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/messages.h"
#include "tests/hostile/world.h"
#include "tests/support/eventually.h"
#include "throughline/common/v1/access.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::hostile {
namespace {

using absl::StatusCode;
using common::v1::Role;

class Access : public ::testing::Test {
 protected:
  absl::Status CallWith(const Sample& sample, const std::string& authorization, const std::string& bytes = "") {
    return world_.raw()
        .Call({.path = sample.path,
               .messages = {bytes},
               .authorization = authorization,
               .timeout = absl::Seconds(5),
               .one_answer = sample.method->server_streaming()})
        .status;
  }

  World& world_ = World::Shared();
};

struct Holder {
  Role role;
  const char* name;
};
constexpr Holder kHolders[] = {{common::v1::ROLE_REP, "ana"},          {common::v1::ROLE_SUPERVISOR, "sam"},
                               {common::v1::ROLE_PARTNER, "ups"},      {common::v1::ROLE_SERVICE, "webshop"},
                               {common::v1::ROLE_READER, "dashboard"}, {common::v1::ROLE_ADMIN, "admin"}};

// The whole table. The request is malformed, so that an allowed call changes nothing; its answer must not be
// WRONG_ROLE.
TEST_F(Access, EveryRoleMayCallExactlyWhatTheContractSays) {
  const std::string spoilt = "\xff\xff\xff\xff\xff";
  int refused = 0;
  int allowed = 0;
  for (const Sample& sample : world_.samples()) {
    std::set<int> roles = {common::v1::ROLE_ADMIN};
    for (const int role : sample.method->options().GetExtension(common::v1::access).roles()) roles.insert(role);
    ASSERT_TRUE(sample.method->options().HasExtension(common::v1::access)) << sample.path << " has no access option";
    for (const Holder& holder : kHolders) {
      const absl::Status status = CallWith(sample, world_.authorization(holder.name), spoilt);
      if (roles.contains(holder.role)) {
        ++allowed;
        EXPECT_EQ(runtime::ReasonOf(status), "MALFORMED_MESSAGE")
            << sample.path << " as " << holder.name << ": " << status;
      } else {
        ++refused;
        EXPECT_TRUE(IsRefusal(status, StatusCode::kPermissionDenied)) << sample.path << " as " << holder.name;
        EXPECT_EQ(runtime::ReasonOf(status), "WRONG_ROLE") << sample.path << " as " << holder.name;
        EXPECT_NE(runtime::MetadataOf(status, "allowed_roles"), std::nullopt) << sample.path;
      }
    }
  }
  EXPECT_GT(refused, 70);
  EXPECT_GT(allowed, 70);
}

TEST_F(Access, CallsWithoutATokenAreRefused) {
  for (const Sample& sample : world_.samples()) {
    const absl::Status status = CallWith(sample, "", sample.request->SerializeAsString());
    EXPECT_TRUE(IsRefusal(status, StatusCode::kUnauthenticated)) << sample.path;
    EXPECT_EQ(runtime::ReasonOf(status), "NO_TOKEN") << sample.path;
  }
}

TEST_F(Access, InvalidTokensAreRefused) {
  const std::string ana = world_.authorization("ana");
  std::string changed = ana;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  std::string renamed = ana;
  renamed.replace(renamed.find("_ana_"), 5, "_sam_");
  const std::vector<std::string> bad = {"Bearer",
                                        "Bearer ",
                                        "Basic YW5hOmFuYQ==",
                                        "garbage",
                                        "Bearer tl_ana_" + std::string(43, 'A'),
                                        changed,
                                        renamed,
                                        ana.substr(7),
                                        ana + "x",
                                        ana.substr(0, ana.size() - 1),
                                        "Bearer " + std::string(4000, 'x'),
                                        "Bearer ' OR 1=1 --"};
  for (const char* method : {"OpenCase", "GetOwnership", "WatchNotices", "PushStatusEvents", "TraceOrder"}) {
    for (const std::string& authorization : bad) {
      const absl::Status status = CallWith(world_.sample(method), authorization);
      EXPECT_TRUE(IsRefusal(status, StatusCode::kUnauthenticated)) << method << " " << authorization;
      EXPECT_EQ(runtime::ReasonOf(status), "BAD_TOKEN") << method << " " << authorization;
      // The answer does not echo the token.
      EXPECT_EQ(std::string(status.message()).find(ana.substr(ana.size() - 20)), std::string::npos);
    }
  }
  // gRPC ends a call with too much metadata before our code sees it.
  EXPECT_FALSE(CallWith(world_.sample("OpenCase"), "Bearer " + std::string(100'000, 'x')).ok());
  EXPECT_EQ(world_.Works(), absl::OkStatus());
}

TEST_F(Access, ARevokedTokenIsRefusedWithoutARestart) {
  const Sample& sample = world_.sample("GetShipment");
  ASSERT_NE(CallWith(sample, world_.authorization("easypost")).code(), StatusCode::kUnauthenticated);
  const testing::Finished revoked =
      testing::Run({testing::Program("throughline"), "--data", world_.suite().data(), "token", "revoke", "easypost"});
  ASSERT_EQ(revoked.exit_code, 0) << revoked.err;
  absl::Status status;
  Eventually(
      [&] {
        status = CallWith(sample, world_.authorization("easypost"));
        return absl::IsUnauthenticated(status);
      },
      absl::Seconds(10));
  EXPECT_TRUE(IsRefusal(status, StatusCode::kUnauthenticated));
  EXPECT_EQ(runtime::ReasonOf(status), "TOKEN_DISABLED");
}

TEST_F(Access, APartnerReadsItsOwnShipmentsOnly) {
  supplier::v1::GetShipmentRequest request;
  request.set_shipment("shipment/ups/1Z999AA10123456784/1");
  EXPECT_EQ(world_.as("ups").Call<supplier::v1::GetShipmentResponse>(request).status(), absl::OkStatus());
  for (const char* other : {"usps", "acme", "globex"}) {
    const absl::Status status = world_.as(other).Call<supplier::v1::GetShipmentResponse>(request).status();
    EXPECT_TRUE(IsRefusal(status, StatusCode::kPermissionDenied)) << other;
    EXPECT_EQ(runtime::ReasonOf(status), "NOT_YOUR_PARTY") << other;
    // The answer does not reveal whether the number exists.
    supplier::v1::GetShipmentRequest unknown;
    unknown.set_carrier("ups");
    unknown.set_tracking_number("1Z999AA19999999999");
    const absl::Status same = world_.as(other).Call<supplier::v1::GetShipmentResponse>(unknown).status();
    EXPECT_EQ(same.code(), status.code());
    EXPECT_EQ(same.message(), status.message());
  }
}

// In one stream: items about other shipments are refused one by one, the partner's own are accepted.
TEST_F(Access, APartnerPushesItsOwnShipmentsOnly) {
  supplier::v1::PushStatusEventsRequest own;
  own.CopyFrom(*world_.sample("PushStatusEvents").request);
  supplier::v1::PushStatusEventsRequest others = own;
  others.set_item_id("2");
  others.mutable_event()->set_carrier("usps");
  others.mutable_event()->set_tracking_number("9400111899223197428490");
  supplier::v1::PushStatusEventsRequest more = own;
  more.set_item_id("3");
  more.mutable_event()->mutable_place()->set_city("Bonn");
  const RawAnswer answer =
      world_.raw().Call({.path = world_.sample("PushStatusEvents").path,
                         .messages = {own.SerializeAsString(), others.SerializeAsString(), more.SerializeAsString()},
                         .authorization = world_.authorization("ups")});
  ASSERT_EQ(answer.status, absl::OkStatus());
  ASSERT_EQ(answer.messages.size(), 3u);
  for (const std::string& bytes : answer.messages) {
    supplier::v1::PushStatusEventsResponse response;
    ASSERT_TRUE(response.ParseFromString(bytes));
    if (response.item_id() == "2") {
      EXPECT_EQ(response.result(), supplier::v1::PUSH_RESULT_REFUSED);
      EXPECT_EQ(response.error().code(), static_cast<int>(StatusCode::kPermissionDenied));
      EXPECT_EQ(response.error().reason(), "NOT_YOUR_PARTY");
      EXPECT_NE(response.error().message(), "");
    } else {
      EXPECT_NE(response.result(), supplier::v1::PUSH_RESULT_REFUSED) << response.DebugString();
    }
  }
  supplier::v1::GetShipmentRequest get;
  get.set_carrier("usps");
  get.set_tracking_number("9400111899223197428490");
  const auto untouched = world_.as("usps").Call<supplier::v1::GetShipmentResponse>(get);
  ASSERT_TRUE(untouched.ok()) << untouched.status();
  EXPECT_EQ(untouched->scans_size(), 0);
}

TEST_F(Access, APartnerPushesItsOwnFormatOnly) {
  for (const char* other : {"usps", "acme"}) {
    const Sample& sample = world_.sample("PushRawEvents");
    const RawAnswer answer = world_.raw().Call({.path = sample.path,
                                                .messages = {sample.request->SerializeAsString()},
                                                .authorization = world_.authorization(other)});
    ASSERT_EQ(answer.status, absl::OkStatus());
    supplier::v1::PushRawEventsResponse response;
    ASSERT_EQ(answer.messages.size(), 1u);
    ASSERT_TRUE(response.ParseFromString(answer.messages[0]));
    EXPECT_EQ(response.error().reason(), "NOT_YOUR_PARTY") << other;
    EXPECT_EQ(response.events_size(), 0) << other;
  }
}

TEST_F(Access, AVendorUpdatesItsOwnLinesOnly) {
  supplier::v1::RecordVendorUpdateRequest request;
  request.CopyFrom(*world_.sample("RecordVendorUpdate").request);
  request.set_vendor_id("globex");
  request.set_line_ids(0, "2");
  const absl::Status for_another = world_.as("acme").Call<supplier::v1::RecordVendorUpdateResponse>(request).status();
  EXPECT_TRUE(IsRefusal(for_another, StatusCode::kPermissionDenied));
  EXPECT_EQ(runtime::ReasonOf(for_another), "NOT_YOUR_PARTY");
  request.set_vendor_id("acme");
  const absl::Status of_another = world_.as("acme").Call<supplier::v1::RecordVendorUpdateResponse>(request).status();
  EXPECT_TRUE(IsBadField(of_another, "line_ids"));
  request.set_vendor_id("nobody");
  EXPECT_TRUE(IsRefusal(world_.as("acme").Call<supplier::v1::RecordVendorUpdateResponse>(request).status(),
                        StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace throughline::hostile
