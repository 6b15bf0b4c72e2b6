#pragma once

// The edge before the real services, on the embedded log, in one process. For tests.

#include <fstream>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

#include "libs/client/client.h"
#include "libs/identity/tokens.h"
#include "services/edge/edge.h"
#include "services/edge/testing/peer.h"
#include "services/throughline/suite.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::edge::testing {

class SuiteAndEdge : public ::testing::Test {
 protected:
  void StartSuite(const std::string& customer_contact = "") {
    auto started = Suite::Start({.data = data_.path() + "/suite",
                                 .metrics_port = -1,
                                 .partitions = 2,
                                 .supplier = {.customer_contact = customer_contact}});
    ASSERT_TRUE(started.ok()) << started.status();
    suite_ = *std::move(started);
    ASSERT_TRUE(Eventually([&] { return suite_->UpdateHealth() && suite_->process().health().ready.ok; }));
  }
  // `endpoints`: of webhooks; empty: none. `away`: the services are not there.
  void StartEdge(const std::string& endpoints = "", bool away = false) {
    Edge::Options options = EdgeOptions(endpoints);
    if (away) options.services = nullptr;
    StartEdge(std::move(options));
  }
  void StartEdge(Edge::Options options) {
    auto started = Edge::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.status();
    edge_ = *std::move(started);
  }
  Edge::Options EdgeOptions(const std::string& endpoints) {
    registry_ = std::make_shared<prometheus::Registry>();
    return {.client = {.address = "127.0.0.1:1"},
            .services = suite_->process().OpenChannel(),
            .token_file = TokenFile("edge"),
            .webhooks = {.endpoints = endpoints},
            .metrics_port = -1,
            .registry = registry_};
  }

  std::string TokenFile(const std::string& name) const {
    return identity::CredentialPath(data_.path() + "/suite", name);
  }
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(data_.path() + "/" + name, std::ios::trunc) << content;
  }
  client::Client As(const std::string& name) const {
    std::ifstream file(TokenFile(name));
    std::string token;
    std::getline(file, token);
    return client::Client({.address = suite_->endpoint(), .token = token});
  }
  Peer::Answer Ask(const std::string& request, bool head = false) const {
    Peer peer(edge_->port());
    peer.Send(request);
    return peer.Read(head);
  }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

  const TestDirectory data_;
  std::unique_ptr<Suite> suite_;
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Edge> edge_;
};

}  // namespace throughline::edge::testing
