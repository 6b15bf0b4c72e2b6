#include "services/edge/http/request_trace.h"

#include "gtest/gtest.h"

namespace throughline::edge::http {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

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

Request Post(const std::vector<std::string>& traces) {
  Request request{.method = "POST", .path = "/throughline.intake.v1.IntakeService/OpenCase"};
  for (const std::string& trace : traces) request.headers.Add("Traceparent", trace);
  request.headers.Add("tracestate", "shop=1");
  return request;
}

std::string Passed(const Request& request) {
  const std::string* header = request.headers.Find("traceparent");
  return header == nullptr ? "" : *header;
}

TEST(RequestTrace, WithoutATracerTheClientsContextGoesOn) {
  Request given = Post({kParent}), none = Post({}), twice = Post({kParent, kParent}), wrong = Post({"00-what"});
  for (Request* request : {&given, &none, &twice, &wrong}) RequestTrace(*request, nullptr).End("connect_post", 200, {});
  EXPECT_EQ(Passed(given), kParent);
  EXPECT_EQ(Passed(none), "");
}

TEST(RequestTrace, ARequestIsASpanAndWhatItCallsIsBelowIt) {
  std::vector<tracing::Span> spans;
  prometheus::Registry registry;
  Request request = Post({kParent}), stranger = Post({kParent, kParent});
  stranger.path = "/C-17/Kim Miller";
  {
    tracing::Tracer tracer({}, std::make_unique<KeepingExporter>(spans), registry);
    RequestTrace(request, &tracer).End("connect_post", 503, absl::Milliseconds(5));
    RequestTrace(stranger, &tracer).End("none", 404, absl::Milliseconds(1));
  }
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(request.headers.Count("traceparent"), 1);
  EXPECT_EQ(Passed(request), spans[0].context.ToHeader());
  EXPECT_EQ(spans[0].context.trace_id, kTrace);
  EXPECT_EQ(spans[0].parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(spans[0].tracestate, "shop=1");
  EXPECT_EQ(spans[0].name, "POST /throughline.intake.v1.IntakeService/OpenCase");
  EXPECT_EQ(spans[0].failure, "503");
  EXPECT_EQ(spans[0].ended - spans[0].began, absl::Milliseconds(5));
  EXPECT_NE(spans[1].context.trace_id, kTrace) << "two are none";
  EXPECT_EQ(spans[1].name, "POST route none") << "a path that is no call's may hold anything";
  EXPECT_EQ(spans[1].failure, "") << "the client's fault";
}

}  // namespace
}  // namespace throughline::edge::http
