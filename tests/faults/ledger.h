#pragma once

// The outside ledger: a client that records in a file each command before it is sent and each response, and finally
// compares the record with what the suite says. It checks:
//
//   acknowledged => exactly one effect; refused => none; unknown => none or one, and a retry with the same command id
//   settles it.
//
// Any thread may send. Check: one thread, after all sending has ended.

#include <atomic>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/client/client.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"

namespace throughline::testing {

class Ledger {
 public:
  explicit Ledger(const std::string& path) : file_(path) {}

  // Opens a case, or records an interaction on a case whose opening was acknowledged, in turn. One try only, so that an
  // unknown outcome stays unknown until Settle. Returns whether the outcome is known.
  bool SendOne(const client::Client& client, const std::string& id);

  struct Totals {
    int64_t sent = 0;
    int64_t acknowledged = 0;
    int64_t unknown = 0;
    int64_t refused = 0;
  };
  Totals totals() const;
  // Waits until so many commands were acknowledged.
  void AwaitAcknowledged(int64_t enough) const;

  // Retries unknown commands with the same ids until each is answered; then reads every case and interaction. Returns
  // one line per command whose effect is wrong.
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

// Sends to the suite from several threads until the object is destroyed; each thread waits for the response before it
// sends the next, and then for `pause`. After an unknown outcome it connects anew, a little later: a client that does
// not try again does not drive its connection, and gRPC would notice only after seconds that the suite is back. Command
// ids begin with `prefix`. Suite and ledger must outlive it.
class Load {
 public:
  Load(Ledger& ledger, const SuiteProcess& suite, const std::string& prefix,
       absl::Duration pause = absl::ZeroDuration());
  ~Load();

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace throughline::testing
