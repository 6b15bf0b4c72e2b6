// What the log and a trace say of a call.

#include "libs/server/operations/logging.h"
#include "libs/server/testing/fixture.h"
#include "libs/tracing/tracer.h"

namespace throughline::server::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class KeepingExporter final : public tracing::Exporter {
 public:
  explicit KeepingExporter(std::vector<tracing::Span>& kept) : kept_(kept) {}
  absl::Status Export(const std::vector<tracing::Span>& spans) override {
    kept_.insert(kept_.end(), spans.begin(), spans.end());
    return absl::OkStatus();
  }

 private:
  std::vector<tracing::Span>& kept_;
};

class TellingTest : public ServerTest {
 protected:
  // What is logged while `act` runs, until its calls have ended.
  std::string Logged(const std::string& level, const std::function<void()>& act) {
    ::testing::internal::CaptureStderr();
    EXPECT_TRUE(SetUpLogging({.level = level}).ok());
    act();
    server->Shutdown(absl::Seconds(5));  // all calls have told by then
    std::string written = ::testing::internal::GetCapturedStderr();
    SetLogLevel(LogLevel::kWarning);
    return written;
  }
  void Say(const std::string& text, const std::string& traceparent = "") {
    auto context = As("ana");
    if (!traceparent.empty()) context->AddMetadata("traceparent", traceparent);
    SayRequest request;
    request.set_command_id("c-1");
    request.set_text(text);
    SayResponse response;
    Client()->Say(context.get(), request, &response);
  }
};

TEST_F(TellingTest, EachRequestIsOneLineWithItsTrace) {
  Start();
  EXPECT_THAT(Logged("info", [this] { Say("I am Kim Miller", kParent); }),
              AllOf(HasSubstr("info    throughline.server.testing.EchoService/Say OK in "), HasSubstr(" by ana from "),
                    HasSubstr(std::string(" trace=") + kTrace), HasSubstr(" command=c-1"), Not(HasSubstr("Miller"))));
}

TEST_F(TellingTest, BelowTheLevelNothingIsWritten) {
  Start();
  EXPECT_EQ(Logged("warning", [this] { Say("hello"); }), "");
}

// The text of a refusal may repeat what somebody wrote.
TEST_F(TellingTest, ARefusalIsTheReasonWithoutItsText) {
  Start();
  EXPECT_THAT(Logged("debug", [this] { Say(std::string(100'000, 'x') + "Miller"); }),
              AllOf(HasSubstr("INVALID_ARGUMENT/"), Not(HasSubstr("Miller")), Not(HasSubstr("xxxx"))));
}

TEST_F(TellingTest, ACallIsASpanBelowItsCallers) {
  std::vector<tracing::Span> spans;
  {
    tracing::Tracer tracer({}, std::make_unique<KeepingExporter>(spans), *registry);
    options.tracer = &tracer;
    Start();
    Say("hello", kParent);
    Say("and without one");
    server->Shutdown(absl::Seconds(5));
    server.reset();
  }
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].name, "throughline.server.testing.EchoService/Say");
  EXPECT_EQ(spans[0].kind, tracing::Span::Kind::kServer);
  EXPECT_EQ(spans[0].context.trace_id, kTrace);
  EXPECT_EQ(spans[0].parent_id, "b7ad6b7169203331");
  EXPECT_EQ(spans[0].failure, "");
  EXPECT_GE(spans[0].ended, spans[0].began);
  EXPECT_NE(spans[1].context.trace_id, kTrace);
  EXPECT_EQ(spans[1].parent_id, "") << "a trace begins here";
}

}  // namespace
}  // namespace throughline::server::testing
