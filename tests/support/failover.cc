#include "tests/support/failover.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace throughline::testing {
namespace {

// How long a replica that did not answer is skipped.
constexpr absl::Duration kAvoid = absl::Seconds(1);

}  // namespace

bool OutcomeUnknown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

log::Topic ServiceFor(const google::protobuf::Message& request) {
  const std::string& name = request.GetDescriptor()->full_name();
  if (absl::StartsWith(name, "throughline.intake.")) return log::Topic::kIntake;
  if (absl::StartsWith(name, "throughline.ownership.")) return log::Topic::kOwnership;
  if (absl::StartsWith(name, "throughline.outage.")) return log::Topic::kOutageNotice;
  return log::Topic::kSupplierTracking;
}

namespace {

std::map<Replica, client::Options> OptionsOf(const KafkaSuite& suite, const std::string& person) {
  std::map<Replica, client::Options> all;
  for (const Replica& replica : suite.replicas()) all[replica] = suite.OptionsFor(replica, person);
  return all;
}

// `intake=a:1,b:2,ownership=c:3,d:4`, the replicas of each service in a circle that begins with this one.
std::string AddressesFrom(int first, const std::map<Replica, client::Options>& replicas) {
  std::map<log::Topic, std::vector<std::string>> services;
  for (const auto& [replica, way] : replicas) services[replica.service].push_back(way.address);
  std::vector<std::string> texts;
  for (auto& [service, addresses] : services) {
    std::rotate(addresses.begin(), addresses.begin() + first % static_cast<int>(addresses.size()), addresses.end());
    texts.push_back(absl::StrCat(std::string(log::ServiceName(service)), "=", absl::StrJoin(addresses, ",")));
  }
  return absl::StrJoin(texts, ",");
}

}  // namespace

Failover::Failover(const KafkaSuite& suite, const std::string& person, Options options)
    : Failover(OptionsOf(suite, person), options) {}

Failover::Failover(const std::map<Replica, client::Options>& replicas, Options options) : options_(options) {
  for (const auto& [replica, way] : replicas) {
    client::Options of_client = way;
    of_client.tries = 1;
    of_client.timeout = options_.of_a_try;
    auto line = std::make_unique<Line>();
    line->client = std::make_unique<client::Client>(of_client);
    lines_.emplace(replica, std::move(line));
  }
  for (int first = 0; first < 2; ++first) {
    client::Options of_client = replicas.begin()->second;
    of_client.address = AddressesFrom(first, replicas);
    of_client.timeout = options_.of_a_try;
    of_all_.push_back(std::make_unique<client::Client>(of_client));
  }
}

Replica Failover::Pick(log::Topic service) const {
  const auto first = lines_.lower_bound({service, 0});
  int count = 0;
  for (auto at = first; at != lines_.end() && at->first.service == service; ++at) ++count;
  const int64_t now = absl::ToUnixNanos(absl::Now());
  const int turn = static_cast<int>(turn_.fetch_add(1) % static_cast<uint64_t>(count));
  for (int i = 0; i < count; ++i) {
    const Replica candidate{service, (turn + i) % count};
    if (lines_.at(candidate)->avoid_until.load() <= now) return candidate;
  }
  return {service, turn};
}

absl::Status Failover::TryOnce(const Replica& replica, const google::protobuf::Message& request,
                               google::protobuf::Message& response) const {
  Line& line = *lines_.at(replica);
  absl::Status status = line.client->CallInto(request, response);
  line.avoid_until.store(OutcomeUnknown(status) ? absl::ToUnixNanos(absl::Now() + kAvoid) : 0);
  return status;
}

absl::Status Failover::Send(const google::protobuf::Message& request, google::protobuf::Message& response) const {
  return of_all_[turn_.fetch_add(1) % of_all_.size()]->CallInto(request, response);
}

client::HedgeCounts Failover::hedges() const {
  client::HedgeCounts sum;
  for (const auto& client : of_all_) {
    const client::HedgeCounts counts = client->hedges();
    sum.calls += counts.calls;
    sum.hedges += counts.hedges;
    sum.moved += counts.moved;
    sum.won += counts.won;
  }
  return sum;
}

absl::Status Failover::CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const {
  const std::unique_ptr<google::protobuf::Message> sent(request.New());
  sent->CopyFrom(request);
  client::EnsureCommandId(*sent);
  const absl::Time deadline = absl::Now() + options_.patience;
  for (int tries = 1;; ++tries) {
    const absl::Status status = TryOnce(Pick(ServiceFor(*sent)), *sent, response);
    if (!OutcomeUnknown(status) || absl::Now() > deadline) return status;
    absl::SleepFor(std::min(absl::Milliseconds(20) * tries, absl::Milliseconds(500)));
  }
}

}  // namespace throughline::testing
