#pragma once

// A client that knows all replicas, and when one does not answer, sends the same command with the same command id to
// another, so that a retry has no second effect.
//
//   Failover ana(suite, "ana");
//   auto opened = ana.Call<intake::v1::OpenCaseResponse>(request);        // until answered, or patience is over
//   auto status = ana.TryOnce(replica, request, response);                // one try at one replica
//   auto status = ana.Send(request, response);                            // as applications do: the library's Call
//
// It does not know replicas that are added to the suite later. Any thread. The suite must outlive it.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/client/client.h"
#include "tests/support/kafka/kafka_suite.h"

namespace throughline::testing {

// Whether the outcome is unknown, so that the command may be sent again with the same id.
bool OutcomeUnknown(const absl::Status& status);

// The service that takes this request.
log::Topic ServiceFor(const google::protobuf::Message& request);

class Failover {
 public:
  struct Options {
    absl::Duration patience = absl::Seconds(60);
    absl::Duration of_a_try = absl::Seconds(5);
  };

  Failover(const KafkaSuite& suite, const std::string& person, Options options);
  Failover(const KafkaSuite& suite, const std::string& person) : Failover(suite, person, Options()) {}
  // For replicas that are not a KafkaSuite's.
  Failover(const std::map<Replica, client::Options>& replicas, Options options);

  template <class Resp>
  [[nodiscard]] absl::StatusOr<Resp> Call(const google::protobuf::Message& request) const {
    Resp response;
    if (absl::Status status = CallInto(request, response); !status.ok()) return status;
    return response;
  }
  absl::Status CallInto(const google::protobuf::Message& request, google::protobuf::Message& response) const;

  absl::Status TryOnce(const Replica& replica, const google::protobuf::Message& request,
                       google::protobuf::Message& response) const;

  // One call of a client::Client that has the addresses of all replicas, with its retries and hedges. Half of the calls
  // have another replica as their first one.
  absl::Status Send(const google::protobuf::Message& request, google::protobuf::Message& response) const;
  client::HedgeCounts hedges() const;  // of Send

  // Streams to one replica; see client::Client.
  template <class Resp>
  absl::Status Watch(const google::protobuf::Message& request, const std::function<bool(const Resp&)>& each,
                     absl::Duration timeout = absl::InfiniteDuration()) const {
    return At(Pick(ServiceFor(request))).Watch<Resp>(request, each, timeout);
  }
  template <class Req, class Resp>
  absl::Status Push(const std::function<bool(Req&)>& next,
                    const std::function<void(const Req&, const Resp&)>& answered) const {
    const client::Client& client = At(Pick(ServiceFor(Req::default_instance())));
    return client.Push<Req, Resp>(next, answered);
  }

  // The next replica of the service that is not marked as away.
  Replica Pick(log::Topic service) const;

  const client::Client& At(const Replica& replica) const { return *lines_.at(replica)->client; }

 private:
  struct Line {
    std::unique_ptr<client::Client> client;
    std::atomic<int64_t> avoid_until{0};  // Unix time in nanoseconds
  };

  const Options options_;
  std::map<Replica, std::unique_ptr<Line>> lines_;
  std::vector<std::unique_ptr<client::Client>> of_all_;  // each with another first replica
  mutable std::atomic<uint64_t> turn_{0};
};

}  // namespace throughline::testing
