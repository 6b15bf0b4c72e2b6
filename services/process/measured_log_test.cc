#include "services/process/measured_log.h"

#include "gtest/gtest.h"

namespace throughline::process {
namespace {

// Answers appends when the test says so.
class HeldLog : public log::EventLog {
 public:
  explicit HeldLog(std::vector<Appended>& held) : held_(held) {}
  void Append(log::Partition, std::string, std::string, Appended done) override { held_.push_back(std::move(done)); }
  absl::StatusOr<std::unique_ptr<log::Subscription>> Subscribe(std::vector<log::Position>,
                                                               std::function<void()>) override {
    return absl::UnimplementedError("");
  }
  void QueryEnds(std::vector<log::Partition>, Ends) override {}
  absl::StatusOr<log::Identity> Describe() override { return log::Identity(); }
  size_t Flush(absl::Time) override { return held_.size(); }

 private:
  std::vector<Appended>& held_;
};

const prometheus::ClientMetric& Find(const std::vector<prometheus::MetricFamily>& families, const std::string& name) {
  for (const auto& family : families) {
    if (family.name == name) return family.metric.at(0);
  }
  ADD_FAILURE() << name;
  static const prometheus::ClientMetric none;
  return none;
}

TEST(MeasuredLog, CountsAppendsPerService) {
  std::vector<log::EventLog::Appended> held;
  prometheus::Registry intake, ownership;
  MeasuredLog log(std::make_unique<HeldLog>(held));
  ProducerState state;
  log.TellOf(log::Topic::kIntake, intake, [&] { return state; });
  log.TellOf(log::Topic::kOwnership, ownership, nullptr);
  std::vector<absl::StatusOr<int64_t>> answers;
  const auto note = [&](absl::StatusOr<int64_t> offset) { answers.push_back(std::move(offset)); };
  log.Append({log::Topic::kIntake, 0}, "k", "v", note);
  log.Append({log::Topic::kIntake, 1}, "k", "v", note);
  log.Append({log::Topic::kOutageNotice, 1}, "k", "v", note);
  EXPECT_EQ(Find(intake.Collect(), "throughline_appends_in_flight").gauge.value, 2);
  held[0](7);
  held[1](absl::UnavailableError("gone"));
  held[2](8);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(*answers[0], 7);
  EXPECT_TRUE(absl::IsUnavailable(answers[1].status()));
  const auto families = intake.Collect();
  EXPECT_EQ(Find(families, "throughline_appends_in_flight").gauge.value, 0);
  EXPECT_EQ(Find(families, "throughline_append_seconds").histogram.sample_count, 2u);
  EXPECT_EQ(Find(ownership.Collect(), "throughline_append_seconds").histogram.sample_count, 0u);
  state.producers_made = 2;
  state.in_flight_bytes = 100;
  log.ShowState();
  EXPECT_EQ(Find(intake.Collect(), "throughline_producer_made_total").counter.value, 2);
  EXPECT_EQ(Find(intake.Collect(), "throughline_producer_queue_bytes").gauge.value, 100);
}

}  // namespace
}  // namespace throughline::process
