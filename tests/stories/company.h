#pragma once

// The company of the stories: its premises (premises.h), and what everybody in a story shares: the way
// to them, and how far it was last heard to have come, so that whoever reads next reads at least that (a token).
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

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/client/client.h"
#include "tests/stories/premises.h"
#include "tests/support/eventually.h"

namespace throughline::stories {

// How long a story waits for what the suite does by itself. Everything is far quicker; only a failure takes as long.
inline constexpr absl::Duration kPatience = absl::Seconds(20);

class Company {
 public:
  // UNAVAILABLE: there is no Kafka on this machine, and the stories were to be told on it.
  absl::Status Opens();
  bool needs_kafka() const { return premises_->needs_kafka(); }
  absl::Status LosesPowerAndStartsAgain();
  // Not OK if it did not end by itself or its log does not verify.
  absl::Status Closes();

  // With this person's credential.
  const client::Client& Lines(const std::string& person);

  // What a reader is to have seen at least.
  const std::string& heard() const { return heard_; }
  void Hears(const std::string& token) { heard_ = token; }

  // A service's gauge, as on /metrics; -1 if it is not there. Gauges follow the truth within a second or so.
  double Number(const std::string& service, const std::string& gauge) const;
  bool NumberBecomes(const std::string& service, const std::string& gauge, double value) const;

 private:
  std::unique_ptr<Premises> premises_ = Premises::Choose();
  std::map<std::string, std::unique_ptr<client::Client>> lines_;
  std::string heard_;
};

}  // namespace throughline::stories
