#include "libs/tracing/otlp.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "libs/tracing/testing/receiver.h"

namespace throughline::tracing {
namespace {

TEST(Otlp, ASpanArrivesWithAllThatIsKnownOfIt) {
  testing::Receiver receiver;
  const auto exporter = NewOtlpExporter({.endpoint = receiver.endpoint(), .resource = {{"service.version", "1.2.3"}}});
  const TraceContext root = NewTrace(true);
  const absl::Time began = absl::FromUnixNanos(1'700'000'000'123'456'789);
  const std::vector<Span> spans = {{.service = "intake",
                                    .name = "OpenCase",
                                    .kind = Span::Kind::kServer,
                                    .context = root,
                                    .tracestate = "vendor=1",
                                    .began = began,
                                    .ended = began + absl::Milliseconds(5),
                                    .attributes = {{"throughline.stream", "case/7"}}},
                                   {.service = "ownership",
                                    .name = "commit ownership",
                                    .kind = Span::Kind::kProducer,
                                    .context = root.Child("00f067aa0ba902b7"),
                                    .parent_id = root.span_id,
                                    .began = began,
                                    .ended = began,
                                    .failure = "VOID"}};
  ASSERT_TRUE(exporter->Export(spans).ok());
  ASSERT_TRUE(receiver.Await(2));
  const auto received = receiver.spans();
  const testing::ReceivedSpan& first = received[0];
  EXPECT_EQ(first.service, "throughline-intake");
  EXPECT_EQ(first.TraceId(), root.trace_id);
  EXPECT_EQ(first.Id(), root.span_id);
  EXPECT_EQ(first.ParentId(), "");
  EXPECT_EQ(first.span.kind(), opentelemetry::proto::trace::v1::Span::SPAN_KIND_SERVER);
  EXPECT_EQ(first.span.trace_state(), "vendor=1");
  EXPECT_EQ(first.span.start_time_unix_nano(), 1'700'000'000'123'456'789u);
  EXPECT_EQ(first.span.end_time_unix_nano() - first.span.start_time_unix_nano(), 5'000'000u);
  ASSERT_EQ(first.span.attributes_size(), 1);
  EXPECT_EQ(first.span.attributes(0).value().string_value(), "case/7");
  EXPECT_EQ(received[1].ParentId(), root.span_id);
  EXPECT_EQ(received[1].span.status().message(), "VOID");
  EXPECT_EQ(receiver.Tree(root.trace_id), "throughline-intake OpenCase\n  throughline-ownership commit ownership\n");
}

TEST(Otlp, ACollectorThatIsAwayOrRefusesIsSaidSo) {
  testing::Receiver receiver;
  const auto exporter = NewOtlpExporter({.endpoint = receiver.endpoint()});
  const std::vector<Span> spans = {{.service = "intake", .name = "x", .context = NewTrace(true)}};
  receiver.AnswerWith({grpc::StatusCode::PERMISSION_DENIED, "who are you"});
  EXPECT_TRUE(absl::IsPermissionDenied(exporter->Export(spans)));
  const auto nowhere = NewOtlpExporter({.endpoint = "127.0.0.1:1", .timeout = absl::Seconds(1)});
  EXPECT_TRUE(absl::IsUnavailable(nowhere->Export(spans)));
}

}  // namespace
}  // namespace throughline::tracing
