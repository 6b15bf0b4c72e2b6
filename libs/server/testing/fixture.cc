#include "libs/server/testing/fixture.h"

#include <fstream>

#include "absl/strings/str_cat.h"

#include "libs/store/damaged_row.h"

namespace throughline::server::testing {
namespace {

std::string ReadLine(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

ServerTest::ServerTest() {
  EXPECT_TRUE(identity::CreateFirstTokens(directory, absl::UnixEpoch()).ok());
  tokens = *identity::TokenStore::Load(identity::TokensPath(directory));
  authenticator = *identity::Authenticator::Load(*tokens, authentication);

  api.Unary<SayRequest, SayResponse>("Say", [](const Context& context, SayRequest request, Reply<SayResponse> reply) {
    context.SetStream("echo/1");
    if (request.text() == "a damaged row") throw store::DamagedRow("a row of the store");
    SayResponse response;
    response.set_caller(context.caller().id);
    response.set_command_id(context.caller().command_id);
    response.set_correlation_id(context.caller().correlation_id);
    response.set_page_size(request.page_size());
    response.set_text(request.text());
    response.set_request(request.SerializeAsString());
    reply(response);
  });
  api.Unary<HoldRequest, HoldResponse>("Hold", [this](const Context&, HoldRequest, Reply<HoldResponse> reply) {
    held.Put(std::make_shared<Reply<HoldResponse>>(std::move(reply)));
  });
  api.ServerStream<WatchRequest, WatchResponse>(
      "Watch", [this](const Context&, WatchRequest, std::shared_ptr<ResponseStream<WatchResponse>> writer) {
        watches.Put(std::move(writer));
      });
  api.Unary<ShowRequest, ShowResponse>("Show", [](const Context&, ShowRequest request, Reply<ShowResponse> reply) {
    ShowResponse response;
    ShownCase* at = nullptr;
    for (const std::string& id : request.case_ids()) {
      at = at == nullptr ? response.add_cases() : at->mutable_inside();
      at->set_case_id(id);
    }
    reply(response);
  });
  api.ServerStream<FollowRequest, FollowResponse>(
      "Follow", [this](const Context&, FollowRequest, std::shared_ptr<ResponseStream<FollowResponse>> writer) {
        follows.Put(std::move(writer));
      });
  api.BidiStream<PushRequest, PushResponse>(
      "Push", kWindow, [this](const Context&, std::shared_ptr<ResponseStream<PushResponse>> writer) {
        auto session = std::make_shared<PushSession>(std::move(writer));
        pushes.Put(session);
        return session;
      });
}

ServerTest::~ServerTest() { server.reset(); }

void ServerTest::StartOn(int port) {
  options.port = port;
  if (server == nullptr) {
    auto made = identity::Authenticator::Load(*tokens, authentication);
    ASSERT_TRUE(made.ok()) << made.status();
    authenticator = *std::move(made);
  }
  auto started = Server::Start(options, *authenticator, {{&api, registry}}, process_registry);
  ASSERT_TRUE(started.ok()) << started.status();
  server = *std::move(started);
}

std::unique_ptr<EchoService::Stub> ServerTest::Client() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  return EchoService::NewStub(grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server->port()),
                                                        grpc::InsecureChannelCredentials(), arguments));
}

std::unique_ptr<grpc::ClientContext> ServerTest::As(const std::string& name, absl::Duration deadline) {
  auto context = std::make_unique<grpc::ClientContext>();
  if (deadline != absl::InfiniteDuration()) context->set_deadline(absl::ToChronoTime(absl::Now() + deadline));
  if (!name.empty()) {
    context->AddMetadata("authorization", "Bearer " + ReadLine(identity::CredentialPath(directory, name)));
  }
  return context;
}

double ServerTest::Handled(const std::string& method, const std::string& code) {
  server->Shutdown(absl::Seconds(5));
  for (const auto& family : registry->Collect()) {
    if (family.name != "throughline_rpc_handled_total") continue;
    for (const auto& metric : family.metric) {
      bool same_method = false;
      bool same_code = false;
      for (const auto& label : metric.label) {
        same_method |= label.name == "rpc_method" && label.value == method;
        same_code |= label.name == "code" && label.value == code;
      }
      if (same_method && same_code) return metric.counter.value;
    }
  }
  return 0;
}

}  // namespace throughline::server::testing
