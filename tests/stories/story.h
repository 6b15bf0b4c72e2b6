#pragma once

// What all stories begin with: a company of its own for each file of tests, and the people in it.
//
//   class Outage : public Story<Outage> {};
//   TEST_F(Outage, IsSaidBeforeTheCustomerTypes) { ... ana.TakesCall(...) ... }

#include <memory>

#include "tests/stories/dashboard.h"
#include "tests/stories/outsiders.h"

namespace throughline::stories {

template <class Name>
class Story : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    company_ = std::make_unique<Company>();
    const absl::Status opened = company_->Opens();
    ASSERT_TRUE(opened.ok()) << opened;
    Colleague(*company_, "sam").IsOnDuty();
  }

  // Whatever a story did, its log holds.
  static void TearDownTestSuite() {
    const absl::Status closed = company_->Closes();
    EXPECT_TRUE(closed.ok()) << closed;
    company_.reset();
  }

 protected:
  static Company& company() { return *company_; }

  const Colleague ana{company(), "ana"};
  const Colleague ben{company(), "ben"};
  const Colleague sam{company(), "sam"};  // their supervisor
  const Dashboard dashboard{company(), "dashboard"};
  const Website webshop{company(), "webshop"};
  const Vendor acme{company(), "acme"};
  const Vendor globex{company(), "globex"};
  const Carrier ups{company(), "ups", "ups-track-alert"};
  const Carrier usps{company(), "usps", "usps-tracking-v3"};

 private:
  static inline std::unique_ptr<Company> company_;
};

}  // namespace throughline::stories
