// Which answers are recorded in the audit of reads, and what happens to those that cannot be.

#include <fstream>
#include <sys/stat.h>

#include "nlohmann/json.hpp"

#include "libs/runtime/domain/refusal.h"
#include "libs/server/operations/read_audit.h"
#include "libs/server/testing/fixture.h"

namespace throughline::server {
namespace {

using ::testing::ElementsAre;
using testing::FollowRequest;
using testing::FollowResponse;
using ::testing::IsEmpty;
using testing::ShowRequest;
using testing::ShowResponse;
using ::testing::SizeIs;

class AuditedCall : public testing::ServerTest {
 protected:
  ~AuditedCall() override { server.reset(); }

  void StartAudited(bool required = false) {
    auto opened = ReadAudit::Open({.directory = directory + "/audit", .required = required}, *process_registry);
    ASSERT_TRUE(opened.ok()) << opened.status();
    audit_ = *std::move(opened);
    options.audit = audit_.get();
    Start();
  }
  std::vector<nlohmann::json> Recorded() const {
    std::vector<nlohmann::json> lines;
    std::ifstream in(ReadAuditPath(directory + "/audit"));
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }
  grpc::Status Show(std::vector<std::string> cases, const std::string& customer = "") {
    ShowRequest request;
    for (std::string& one : cases) request.add_case_ids(std::move(one));
    request.set_customer_id(customer);
    ShowResponse response;
    auto context = As("ana");
    context->AddMetadata("x-correlation-id", "trace-1");
    return Client()->Show(context.get(), request, &response);
  }
  // From now on no line can be written: the file's place is taken by a directory.
  void Break() {
    std::filesystem::rename(ReadAuditPath(directory + "/audit"), directory + "/audit/moved");
    ASSERT_EQ(mkdir(ReadAuditPath(directory + "/audit").c_str(), 0700), 0);
    // The audit sees within a second that its file was moved.
    EXPECT_TRUE(Eventually([&] {
      Show({"case-1"}).ok();
      return Failures() > 0;
    }));
  }
  double Failures() const {
    for (const auto& family : process_registry->Collect()) {
      if (family.name == "throughline_read_audit_failures_total") return family.metric.front().counter.value;
    }
    return -1;
  }

  std::unique_ptr<ReadAudit> audit_;
};

TEST_F(AuditedCall, IsRecordedWithWhoAndWhenAndWhichCases) {
  StartAudited();
  ASSERT_TRUE(Show({"case-1", "case-2", "case-3"}, "kim").ok());
  const auto lines = Recorded();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]["by"], "ana");
  EXPECT_EQ(lines[0]["roles"], nlohmann::json({"rep"}));
  EXPECT_EQ(lines[0]["rpc"], "throughline.server.testing.EchoService/Show");
  EXPECT_EQ(lines[0]["cases"], nlohmann::json({"case-1", "case-2", "case-3"})) << "also those inside of others";
  EXPECT_EQ(lines[0]["customer"], "kim");
  EXPECT_EQ(lines[0]["trace"], "trace-1");
  absl::Time at;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, lines[0]["at"].get<std::string>(), &at, &error));
  EXPECT_LT(absl::AbsDuration(absl::Now() - at), absl::Minutes(1));
}

TEST_F(AuditedCall, RecordsNothingThatShowsNoCase) {
  StartAudited();
  ASSERT_TRUE(Show({}, "kim").ok());
  testing::SayResponse said;
  ASSERT_TRUE(Client()->Say(As("ana").get(), testing::SayRequest(), &said).ok());
  ShowResponse response;
  EXPECT_FALSE(Client()->Show(As("ups").get(), ShowRequest(), &response).ok());
  EXPECT_THAT(Recorded(), IsEmpty());
}

TEST_F(AuditedCall, RecordsEachCaseOfAStreamOnce) {
  StartAudited();
  const auto stub = Client();
  const auto context = As("ana");
  FollowRequest request;
  request.set_case_id("case-1");
  const auto stream = stub->Follow(context.get(), request);
  const auto writer = follows.Take();
  FollowResponse response;
  for (const char* id : {"case-1", "case-1", "case-2", "case-1"}) {
    response.mutable_case_()->set_case_id(id);
    ASSERT_TRUE(writer->Write(response));
    ASSERT_TRUE(stream->Read(&response));
  }
  writer->Finish(absl::OkStatus());
  EXPECT_FALSE(stream->Read(&response));
  const auto lines = Recorded();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0]["cases"], nlohmann::json({"case-1"}));
  EXPECT_EQ(lines[1]["cases"], nlohmann::json({"case-2"}));
}

TEST_F(AuditedCall, IsAnsweredAndCountedIfItCannotBeRecorded) {
  StartAudited();
  ASSERT_TRUE(Show({"case-1"}).ok());
  Break();
  const double before = Failures();
  EXPECT_TRUE(Show({"case-1"}).ok());
  EXPECT_EQ(Failures(), before + 1);
}

TEST_F(AuditedCall, IsRefusedIfItMustBeRecordedAndCannot) {
  StartAudited(/*required=*/true);
  ASSERT_TRUE(Show({"case-1"}).ok());
  Break();
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(Show({"case-1"}))), "AUDIT_UNAVAILABLE");
  testing::SayResponse said;
  EXPECT_TRUE(Client()->Say(As("ana").get(), testing::SayRequest(), &said).ok()) << "which shows nothing";
  const auto stub = Client();
  const auto context = As("ana");
  FollowRequest request;
  request.set_case_id("case-1");
  const auto stream = stub->Follow(context.get(), request);
  FollowResponse response;
  response.mutable_case_()->set_case_id("case-1");
  EXPECT_FALSE(follows.Take()->Write(response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(runtime::ReasonOf(FromGrpc(stream->Finish())), "AUDIT_UNAVAILABLE");
  ASSERT_EQ(rmdir(ReadAuditPath(directory + "/audit").c_str()), 0);
  EXPECT_TRUE(Show({"case-1"}).ok()) << "as soon as it can be recorded again";
  EXPECT_THAT(Recorded(), SizeIs(1));
}

}  // namespace
}  // namespace throughline::server
