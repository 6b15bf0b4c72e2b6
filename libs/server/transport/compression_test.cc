// Nothing that a client compressed is unpacked, whoever sends it and to whichever method.

#include <fstream>

#include "grpcpp/generic/generic_stub.h"

#include "libs/server/testing/fixture.h"
#include "tests/support/network/raw_grpc.h"

namespace throughline::server::testing {
namespace {

using ::testing::HasSubstr;
using throughline::testing::GzipOfZeros;
using throughline::testing::RawGrpc;

constexpr const char* kMethods[] = {
    "/throughline.server.testing.EchoService/Say",
    "/throughline.server.testing.EchoService/Watch",
    "/throughline.server.testing.EchoService/Push",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    "/no.such.Service/Method",
};

// In KiB: `VmRSS`, `VmHWM`.
long Memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == name + ":" && status >> kib) return kib;
  }
  return 0;
}

TEST_F(ServerTest, RefusesCompressedMessages) {
  Start();
  for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    for (const char* method : kMethods) {
      if (std::string_view(method).starts_with("/no.")) continue;
      grpc::GenericStub stub(
          grpc::CreateChannel("127.0.0.1:" + std::to_string(server->port()), grpc::InsecureChannelCredentials()));
      auto context = As("ana");
      context->set_compression_algorithm(algorithm);
      grpc::CompletionQueue queue;
      auto call = stub.PrepareCall(context.get(), method, &queue);
      const auto wait = [&queue] {
        void* tag;
        bool ok = false;
        queue.Next(&tag, &ok);
      };
      call->StartCall(nullptr);
      wait();
      const grpc::Slice zeros(std::string(100'000, '\0'));
      call->WriteLast(grpc::ByteBuffer(&zeros, 1), grpc::WriteOptions(), nullptr);
      wait();
      grpc::Status status;
      call->Finish(&status, nullptr);
      wait();
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
      EXPECT_THAT(status.error_message(), HasSubstr("is disabled")) << method;
    }
  }
  EXPECT_EQ(pushes.size() + watches.size() + held.size(), 0u) << "a handler was asked";
}

TEST_F(ServerTest, DecompressesNothing) {
  Start();
  const std::string bomb = GzipOfZeros(size_t{48} << 20);
  ASSERT_LT(bomb.size(), 60'000u);
  std::ofstream("/proc/self/clear_refs") << 5;  // VmHWM begins anew
  const long before = Memory("VmRSS");
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  std::vector<RawGrpc> calls;
  for (const char* method : kMethods) {
    for (const char* encoding : {"gzip", "deflate", "identity", "unheard-of"}) {
      auto call = RawGrpc::To(address);
      ASSERT_TRUE(call.ok()) << call.status();
      ASSERT_TRUE(call->Greet() && call->Send(method, encoding, bomb));
      calls.push_back(*std::move(call));
    }
  }
  for (RawGrpc& call : calls) EXPECT_NE(call.Answer(), "");
  const long grown = Memory("VmHWM") - before;
  RecordProperty("grown_kib", static_cast<int>(grown));
  EXPECT_LT(grown, 48 << 10) << "KiB, while " << calls.size() << " bombs of 48 MiB came at once";
  auto context = As("ana");
  SayResponse response;
  EXPECT_TRUE(Client()->Say(context.get(), SayRequest(), &response).ok());
}

}  // namespace
}  // namespace throughline::server::testing
