#pragma once

// What all stories begin with: a company of its own for each file of tests, and the people in it.
//
//   class Outage : public Story<Outage> {};   // and Begin(), if its stories begin with something
//   TEST_F(Outage, IsSaidBeforeTheCustomerTypes) { ... ana.TakesCall(...) ... }

#include <memory>

#include "tests/stories/dashboard.h"
#include "tests/stories/outsiders.h"
#include "tests/support/kafka_process.h"

namespace throughline::stories {

template <class Name>
class Story : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    company_ = std::make_unique<Company>();
    opened_ = company_->Opens();
    if (opened_.ok()) Colleague(*company_, "sam").IsOnDuty();
  }

  // Whatever a story did, its log holds.
  static void TearDownTestSuite() {
    if (opened_.ok()) {
      const absl::Status closed = company_->Closes();
      EXPECT_TRUE(closed.ok()) << closed;
    }
    company_.reset();
  }

 protected:
  void SetUp() final {
    if (company_->needs_kafka()) {
      SKIP_WITHOUT_KAFKA(opened_);
    }
    ASSERT_TRUE(opened_.ok()) << opened_;
    Begin();
  }
  // What every story of a file begins with. Not a constructor's business: a company that did not open has no lines.
  virtual void Begin() {}
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
  static inline absl::Status opened_;
};

}  // namespace throughline::stories
