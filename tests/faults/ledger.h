#pragma once

// The outside ledger: a client that writes down, in a file of its own, each command before it is sent and each answer
// as it comes, and in the end compares that with what the suite says. What it must find:
//
//   acknowledged => exactly one effect; refused => none; unknown => none or one, and trying again with the same command
//   id settles it.
//
// Any thread may send; Check by one, when nobody sends any more.

#include <atomic>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"

#include "libs/client/client.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::testing {

class Ledger {
 public:
  explicit Ledger(const std::string& path) : file_(path) {}

  // Opens a case, or records an interaction on one whose opening was acknowledged: every second command each, in turn.
  // One try, so that unknown outcomes stay unknown until Settle.
  void SendOne(const client::Client& client, const std::string& id);

  struct Totals {
    int64_t sent = 0;
    int64_t acknowledged = 0;
    int64_t unknown = 0;
    int64_t refused = 0;
  };
  Totals totals() const;
  // Waits until so many commands were acknowledged.
  void AwaitAcknowledged(int64_t enough) const;

  // Sends what is unknown again, with the same ids, until each is answered; then asks for every case and every
  // interaction. Each line names a command whose effect is not what was promised.
  std::vector<std::string> SettleAndCheck(const client::Client& client);

 private:
  enum class Answer { kNone, kAcknowledged, kRefused };
  struct Entry {
    intake::v1::OpenCaseRequest open;  // one of the two is set
    intake::v1::RecordInteractionRequest interaction;
    bool is_interaction = false;
    Answer answer = Answer::kNone;
    std::string case_id;  // once known
  };
  void Note(const std::string& id, const Entry& entry, const absl::Status& status);
  absl::Status Send(const client::Client& client, Entry& entry);

  mutable absl::Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> open_cases_ ABSL_GUARDED_BY(mutex_);
  int64_t acknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Sends to the suite from several threads until it goes; each thread waits for its answer before it sends the next. The
// commands' ids begin with `prefix`. Both must outlive it.
class Load {
 public:
  Load(Ledger& ledger, const SuiteProcess& suite, const std::string& prefix);
  ~Load();

 private:
  const client::Client client_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace throughline::testing
