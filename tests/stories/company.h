#pragma once

// The company of the stories: its premises (premises.h), clients for its people, and the newest consistency token.
// Every read uses that token, so nobody sees less than anybody has been told before.
//
//   Company company;
//   ASSERT_TRUE(company.Opens().ok());
//   ... company.Lines("ana").Call<...>(...) ...
//   ASSERT_TRUE(company.LosesPowerAndStartsAgain().ok());   // kill -9
//   EXPECT_TRUE(company.Closes().ok());                     // drains, and `throughline verify` holds
//
// One thread, except that a client may be used by others until the next start.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/client/client.h"
#include "tests/stories/premises.h"
#include "tests/support/eventually.h"

namespace throughline::stories {

// How long a story waits for the suite to do something by itself. Normally it is far quicker.
inline constexpr absl::Duration kPatience = absl::Seconds(20);

class Company {
 public:
  // UNAVAILABLE: the stories should run on Kafka, and there is none on this machine.
  // `ownership_flags`: settings of ownership's rules other than the defaults, `--name` and value.
  absl::Status Opens(std::vector<std::string> ownership_flags = {});
  bool needs_kafka() const { return premises_->needs_kafka(); }
  absl::Status LosesPowerAndStartsAgain();
  // The same without the stores: everything but the log.
  absl::Status LosesAllButItsLogAndStartsAgain();
  // Not OK if a process did not end by itself, or its log does not verify.
  absl::Status Closes();

  // A client with this person's credential.
  const client::Client& Lines(const std::string& person);

  // The consistency token for the next read.
  const std::string& heard() const { return heard_; }
  void Hears(const std::string& token) { heard_ = token; }

  // A service's gauge, from /metrics; -1: it is missing. Gauges lag by about a second.
  double Number(const std::string& service, const std::string& gauge) const;
  bool NumberBecomes(const std::string& service, const std::string& gauge, double value) const;

 private:
  std::vector<std::string> ownership_flags_;
  std::unique_ptr<Premises> premises_ = Premises::Choose();
  std::map<std::string, std::unique_ptr<client::Client>> lines_;
  std::string heard_;
};

}  // namespace throughline::stories
