#pragma once

// A running suite with one object of every kind, and functions to attack it.
//
//   World& world = World::Shared();
//   RawAnswer answer = world.Send(sample, *spoilt);
//
// Any thread, once created.

#include <memory>
#include <string>
#include <vector>

#include "libs/client/client.h"
#include "tests/hostile/raw_client.h"
#include "tests/hostile/samples.h"
#include "tests/support/suite_process.h"

namespace throughline::hostile {

class World {
 public:
  // Started on first use. After all tests it must stop cleanly and pass `verify`.
  static World& Shared();

  explicit World(const std::vector<std::string>& arguments = {});

  testing::SuiteProcess& suite() { return suite_; }
  const RawClient& raw() const { return *raw_; }
  const std::vector<Sample>& samples() const { return samples_; }
  const Sample& sample(const std::string& method) const;
  const Names& names() const { return names_; }
  client::Client& as(const std::string& name) const;
  std::string authorization(const std::string& name) const;

  // Sends bytes, or a message, in place of the sample's request, with the sample's credential.
  RawAnswer Send(const Sample& sample, const std::string& bytes) const;
  RawAnswer Send(const Sample& sample, const google::protobuf::Message& request) const;

  // The same; returns the refusal, of the call or of the pushed item. OK: it was accepted.
  absl::Status Refusal(const Sample& sample, const std::string& bytes) const;
  absl::Status Refusal(const Sample& sample, const google::protobuf::Message& request) const;

  // Whether it still answers a command and a read.
  absl::Status Works() const;
  // Stops it with SIGTERM, and verifies the log.
  void ExpectCleanEnd();

 private:
  void Populate();

  TestDirectory directory_;
  testing::SuiteProcess suite_;
  std::unique_ptr<RawClient> raw_;
  std::vector<std::pair<std::string, std::unique_ptr<client::Client>>> clients_;
  Names names_;
  std::vector<Sample> samples_;
};

}  // namespace throughline::hostile
