#pragma once

// Those who follow a large outage, as a process of its own that gets only what the others leave of the processor
// (SCHED_IDLE), so that what is measured beside them is what they cost the suite and not what they cost themselves. On
// a machine without them, thousands of followers have machines of their own.
//
// When they get too little, they read late: the suite then keeps the newest of each notice for each of them
// (WriteLatest), which is bounded, and ends none of their streams. How much they were not sent because something newer
// took its place is measured, too: it is work that the suite was spared.
//
// One thread.

#include <cstdint>

#include "libs/client/client.h"
#include "tests/support/process.h"

namespace throughline::bench {

class Followers {
 public:
  static constexpr int kAll = 20;  // of them follow everything; each of the others follows one component

  // How many of them news number `n` concerns, see Outage::News.
  static int64_t Concerned(int count, int notices, int64_t n);

  // Returns once each has been sent something. `notices`: of the outage.
  Followers(const client::Options& options, int count, int notices);

  // How many messages came since then; ends the benchmark if one was let go. They are gone afterwards.
  int64_t End();

 private:
  testing::Process process_;
};

// What the process does, until SIGTERM. Answers the exit code.
int ServeFollowers(int count, int notices);

}  // namespace throughline::bench
