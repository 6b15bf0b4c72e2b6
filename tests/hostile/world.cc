#include "tests/hostile/world.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

#include "libs/crypto/sha256.h"
#include "libs/identity/tokens.h"
#include "libs/runtime/domain/refusal.h"
#include "tests/support/eventually.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/intake/v1/suggestion.pb.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order_link.pb.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::hostile {
namespace {

World* shared = nullptr;

class EndOfTests : public ::testing::Environment {
 public:
  void TearDown() override {
    if (shared == nullptr) return;
    EXPECT_EQ(shared->Works(), absl::OkStatus());
    shared->ExpectCleanEnd();
    delete shared;
    shared = nullptr;
  }
};

const auto* const registered = ::testing::AddGlobalTestEnvironment(new EndOfTests);

// All other tests depend on it.
template <typename T>
T Must(absl::StatusOr<T> outcome) {
  if (outcome.ok()) return *std::move(outcome);
  std::fprintf(stderr, "tests/hostile: cannot be set up: %s\n", outcome.status().ToString().c_str());
  std::abort();
}

template <typename Request>
Request Parse(const std::string& text) {
  Request request;
  if (!google::protobuf::TextFormat::ParseFromString(text, &request)) std::abort();
  return request;
}

// An item of a push is refused in its answer; the stream continues.
template <typename Response>
absl::Status ItemStatus(const RawAnswer& answer) {
  Response response;
  if (answer.messages.empty() || !response.ParseFromString(answer.messages.back())) return absl::OkStatus();
  if (!response.has_error()) return absl::OkStatus();
  const std::string& said = response.error().message();
  return runtime::BadField(said.substr(0, said.find(' ')), said.substr(said.find(' ') + 1));
}

}  // namespace

World& World::Shared() {
  if (shared == nullptr) shared = new World();
  return *shared;
}

World::World(const std::vector<std::string>& arguments) : suite_(directory_.path() + "/data") {
  std::vector<std::string> all = {"--log-level", "error"};  // otherwise every refusal is logged
  all.insert(all.end(), arguments.begin(), arguments.end());
  if (const absl::Status started = suite_.Start(all); !started.ok()) Must<int>(started);
  raw_ = std::make_unique<RawClient>(suite_.address());
  for (const char* name :
       {"admin", "sam", "ana", "ben", "webshop", "dashboard", "ups", "usps", "easypost", "acme", "globex"}) {
    clients_.emplace_back(name, std::make_unique<client::Client>(suite_.OptionsFor(name)));
  }
  Populate();
  samples_ = Samples(names_);
}

void World::Populate() {
  // cleo is there to be changed, sent away and deactivated.
  Must(identity::CreateToken(identity::TokensPath(suite_.data()), {"cleo", {common::v1::ROLE_REP}, "", "care"},
                             absl::Now()));
  ownership::v1::GetPersonRequest cleo;
  cleo.set_person("cleo");
  if (!Eventually([&] { return as("sam").Call<ownership::v1::GetPersonResponse>(cleo).ok(); })) {
    Must<int>(absl::NotFoundError("cleo has a credential and does not become known"));
  }
  names_.future_seconds = absl::ToUnixSeconds(absl::Now()) + 7 * 86'400;
  const std::string future = absl::StrCat(" { seconds: ", names_.future_seconds, " }");
  Must(as("sam").Call<outage::v1::DefineComponentResponse>(
      Parse<outage::v1::DefineComponentRequest>(R"(component_id: "checkout" name: "Checkout")")));
  names_.notice_id = Must(as("sam").Call<outage::v1::PublishNoticeResponse>(Parse<outage::v1::PublishNoticeRequest>(
                              R"(kind: NOTICE_KIND_OUTAGE component_ids: "checkout" title: "No paying"
                                 description: "Cards are refused" expected_end_unknown: true next_update_due)" +
                              future)))
                         .notice_id();
  names_.case_id = Must(as("ana").Call<intake::v1::OpenCaseResponse>(Parse<intake::v1::OpenCaseRequest>(
                            R"(customer_id: "c-1" subject: "s" text: "my kettle leaks" channel: CHANNEL_PHONE)")))
                       .case_id();
  names_.other_case_id = Must(as("ana").Call<intake::v1::OpenCaseResponse>(Parse<intake::v1::OpenCaseRequest>(
                                  R"(customer_id: "c-1" subject: "s" text: "t" channel: CHANNEL_PHONE)")))
                             .case_id();
  names_.promise_id = Must(as("ana").Call<ownership::v1::MakePromiseResponse>(Parse<ownership::v1::MakePromiseRequest>(
                               absl::StrCat(R"(case_id: ")", names_.case_id, R"(" text: "We ring" due)", future))))
                          .promise_id();
  names_.handoff_id = "01HANDOFFTHATNEVERWASMADE0";
  names_.absence_id = Must(as("sam").Call<ownership::v1::PlanAbsenceResponse>(
                               Parse<ownership::v1::PlanAbsenceRequest>(R"(person: "cleo" until)" + future)))
                          .absence_id();
  names_.suggestion_id =
      Must(as("ana").Call<intake::v1::RecordSuggestionResponse>(
               Parse<intake::v1::RecordSuggestionRequest>(R"(text: "Say it on the form" customer_id: "c-1")")))
          .suggestion_id();
  Must(as("webshop").Call<supplier::v1::PlaceOrderResponse>(Parse<supplier::v1::PlaceOrderRequest>(
      R"(order_id: "SO-1" customer_id: "c-1" owner: "sam"
         lines { line_id: "1" sku: "S-1" quantity: 1 vendor_id: "acme" }
         lines { line_id: "2" sku: "S-2" quantity: 1 vendor_id: "globex" } promised_time)" +
      future)));
  for (const char* shipment : {R"(carrier: "ups" tracking_number: "1Z999AA10123456784" line_ids: "1")",
                               R"(carrier: "usps" tracking_number: "9400111899223197428490" line_ids: "2")"}) {
    Must(as("webshop").Call<supplier::v1::AddShipmentResponse>(
        Parse<supplier::v1::AddShipmentRequest>(absl::StrCat(R"(order_id: "SO-1" )", shipment))));
  }
  supplier::v1::CreateOrderLinkRequest link;
  link.set_order_id("SO-1");
  link.set_secret_sha256(crypto::Sha256("0123456789012345678901234567890123456789012"));
  Must(as("webshop").Call<supplier::v1::CreateOrderLinkResponse>(link));
}

const Sample& World::sample(const std::string& method) const {
  for (const Sample& sample : samples_) {
    if (sample.method->name() == method) return sample;
  }
  std::abort();
}

client::Client& World::as(const std::string& name) const {
  for (const auto& [known, client] : clients_) {
    if (known == name) return *client;
  }
  std::abort();
}

std::string World::authorization(const std::string& name) const { return "Bearer " + as(name).options().token; }

RawAnswer World::Send(const Sample& sample, const std::string& bytes) const {
  return raw_->Call({.path = sample.path,
                     .messages = {bytes},
                     .authorization = authorization(sample.as),
                     .one_answer = sample.method->server_streaming() && !sample.method->client_streaming()});
}

RawAnswer World::Send(const Sample& sample, const google::protobuf::Message& request) const {
  return Send(sample, request.SerializeAsString());
}

absl::Status World::Refusal(const Sample& sample, const std::string& bytes) const {
  const RawAnswer answer = Send(sample, bytes);
  if (!answer.status.ok()) return answer.status;
  if (sample.method->name() == "PushStatusEvents") return ItemStatus<supplier::v1::PushStatusEventsResponse>(answer);
  if (sample.method->name() == "PushVendorDocuments") {
    return ItemStatus<supplier::v1::PushVendorDocumentsResponse>(answer);
  }
  if (sample.method->name() == "PushRawEvents") return ItemStatus<supplier::v1::PushRawEventsResponse>(answer);
  return answer.status;
}

absl::Status World::Refusal(const Sample& sample, const google::protobuf::Message& request) const {
  return Refusal(sample, request.SerializeAsString());
}

absl::Status World::Works() const {
  const auto opened = as("ana").Call<intake::v1::OpenCaseResponse>(
      Parse<intake::v1::OpenCaseRequest>(R"(customer_id: "c-9" subject: "s" text: "t" channel: CHANNEL_PHONE)"));
  if (!opened.ok()) return opened.status();
  intake::v1::GetCaseRequest get;
  get.set_case_id(opened->case_id());
  get.set_consistency_token(opened->consistency_token());
  return as("ana").Call<intake::v1::GetCaseResponse>(get).status();
}

void World::ExpectCleanEnd() {
  EXPECT_EQ(suite_.Terminate(), 0);
  const testing::Finished verify = testing::Run({testing::Program("throughline"), "verify", "--data", suite_.data()});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

}  // namespace throughline::hostile
