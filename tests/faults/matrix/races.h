#pragma once

// Commands of several people that meet at the same moment on chosen replicas, and the check of what they did.
//
//   Race race(context, scene.suite(), {"ana", "sam"});
//   Race::Sent& one = race.Make(replica, "ana", accept);
//   Race::Sent& two = race.Make(other, "sam", deactivate);
//   race.Send({&one, &two});
//   ...
//   race.Finish(outcome, [&](const Audit& audit) { ... });
//
// Each command is written to a file before it is sent, and each answer when it comes. A command without an answer is
// sent again until there is one. Make, Begin, Await and Send: any thread. The suite must outlive it.

#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#include "tests/faults/matrix/audit.h"
#include "tests/faults/matrix/row.h"
#include "tests/faults/matrix/scene.h"
#include "tests/support/failover.h"
#include "tests/support/kafka/kafka_suite.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::faults {

class Race {
 public:
  struct Sent {
    std::string id;  // the command's
    std::string person;
    testing::Replica replica;
    std::unique_ptr<google::protobuf::Message> request, response;
    absl::Status answer;  // once Await has returned
    bool was_unknown = false;
    absl::Notification answered;

    // "AcceptHandoff"
    std::string method() const;
    template <class Response>
    const Response& As() const {
      return dynamic_cast<const Response&>(*response);
    }
  };

  Race(const Context& context, testing::KafkaSuite& suite, const std::vector<std::string>& people);

  // A command of this person for that replica, which gives it an id.
  Sent& Make(const testing::Replica& replica, const std::string& person, const google::protobuf::Message& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Begin(Sent& sent) const;
  // Afterwards the answer is known, unless no replica gives one for a minute.
  void Await(Sent& sent) ABSL_LOCKS_EXCLUDED(mutex_);
  // At the same moment.
  void Send(const std::vector<Sent*>& together);

  // A read, or a command that is no part of the race. `replica` is asked alone.
  template <class Response>
  absl::StatusOr<Response> Ask(const testing::Replica& replica, const std::string& person,
                               const google::protobuf::Message& request) const {
    return clients_.at({replica, person})->Call<Response>(request);
  }

  // Checks, after all are answered: a retry of what was acknowledged is answered as before; what was acknowledged is in
  // the log once, what was refused is not; the loser of a race was told the version that won; `check`; every replica,
  // and one more of each service that folds from offset 0, ends with the same store, which is what the log says.
  void Finish(Outcome& outcome, const std::function<void(Audit&)>& check);

  const std::deque<Sent>& sent() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return sent_; }

 private:
  void Note(const Sent& sent, const std::string& what) ABSL_LOCKS_EXCLUDED(mutex_);
  void Repeat(Outcome& outcome) const;
  void HoldAgainst(const Audit& audit, Outcome& outcome) const;

  testing::KafkaSuite& suite_;
  std::map<std::pair<testing::Replica, std::string>, std::unique_ptr<client::Client>> clients_;
  std::map<std::string, std::unique_ptr<testing::Failover>> all_replicas_;  // by person
  absl::Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
  std::deque<Sent> sent_ ABSL_GUARDED_BY(mutex_);  // never moved
};

// Parts of the rows about races.

inline constexpr absl::Duration kReactionsTake = absl::Seconds(60);

inline testing::Replica IntakeReplica(int number) { return {log::Topic::kIntake, number}; }
inline testing::Replica OwnershipReplica(int number) { return {log::Topic::kOwnership, number}; }

// Starts two replicas of intake and two of ownership. False: the outcome says why.
bool BeginRace(Scene& scene);
// They become known to ownership. False: the outcome says why.
bool Introduce(const Race& race, const std::vector<std::string>& people, Outcome& outcome);
intake::v1::OpenCaseRequest Opening(const std::string& customer);
// A new case that this person took; empty: the outcome says why.
std::string OpenFor(Race& race, const testing::Replica& replica, const std::string& person, const std::string& customer,
                    Outcome& outcome);
// In the present, as the supervisor sam sees it; empty: it cannot be read.
ownership::v1::OwnershipView OwnershipAt(const Race& race, const testing::Replica& replica, const std::string& case_id);
// Who owned the case, one after the other.
std::vector<std::string> OwnersOf(const Audit& audit, const std::string& case_id);

template <typename Event>
std::vector<Event> EventsOf(const Audit& audit, const std::string& stream) {
  std::vector<Event> events;
  for (const auto& commit : audit.History(stream)) {
    for (const auto& committed : commit.events()) events.emplace_back().ParseFromString(committed.data());
  }
  return events;
}

}  // namespace throughline::faults
