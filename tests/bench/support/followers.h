#pragma once

// The followers of a large outage, as a process of their own that runs only on idle processor time (SCHED_IDLE). So the
// benchmark measures what they cost the suite, not what they cost themselves; in production they run on machines of
// their own.
//
// With too little time they read late. The suite then keeps only the newest message per notice for each of them
// (WriteLatest), which is bounded, and ends no stream. How many messages were replaced by newer ones is measured, too:
// the suite saved that work.
//
// One thread.

#include <cstdint>

#include "libs/client/client.h"
#include "tests/support/process.h"

namespace throughline::bench {

class Followers {
 public:
  static constexpr int kAll = 20;  // this many follow everything; each of the others follows one component

  // How many of them receive news number `n`; see Outage::News.
  static int64_t Concerned(int count, int notices, int64_t n);

  // Returns once every follower has received a message. `notices`: how many the outage has.
  Followers(const client::Options& options, int count, int notices);

  // Ends them; returns how many messages came since the constructor. Fails the benchmark if a stream was ended early.
  int64_t End();

 private:
  testing::Process process_;
};

// The main function of the followers' process, until SIGTERM. Returns the exit code.
int ServeFollowers(int count, int notices);

}  // namespace throughline::bench
