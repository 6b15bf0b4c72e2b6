#pragma once

// A request's exchange as its handler gets it: hands everything over to the connection's thread. Internal to this
// folder. Any thread, one at a time; may outlive the connection and the server.

#include <memory>
#include <utility>

#include "services/edge/http/connection.h"

namespace throughline::edge::http {

class ConnectionExchange final : public Exchange {
 public:
  ConnectionExchange(std::shared_ptr<Worker> worker, std::weak_ptr<Connection> connection, uint64_t number,
                     Request request)
      : worker_(std::move(worker)), connection_(std::move(connection)), number_(number), request_(std::move(request)) {}
  ~ConnectionExchange() override {
    if (!complete_) Post({.kind = Outgoing::Kind::kDropped});
  }

  const Request& request() const override { return request_; }
  void SetRoute(const char* route) override {
    worker_->Post([connection = connection_, number = number_, route] {
      if (const auto there = connection.lock()) there->SetRoute(number, route);
    });
  }
  void Answer(Response response) override {
    complete_ = true;
    Post({.kind = Outgoing::Kind::kAnswer, .response = std::move(response)});
  }
  void Begin(Response head) override { Post({.kind = Outgoing::Kind::kBegin, .response = std::move(head)}); }
  void Send(std::string part, std::function<void()> sent) override {
    Post({.kind = Outgoing::Kind::kPart, .part = std::move(part), .sent = std::move(sent)});
  }
  void End(std::string last_part) override {
    complete_ = true;
    Post({.kind = Outgoing::Kind::kEnd, .part = std::move(last_part)});
  }
  void OnEnded(std::function<void(Ended)> ended) override {
    const bool posted = worker_->Post([connection = connection_, number = number_, ended] {
      if (const auto there = connection.lock()) return there->SetEnded(number, ended);
      ended(Ended::kClientGone);
    });
    if (!posted) ended(Ended::kClientGone);
  }

 private:
  void Post(Outgoing outgoing) {
    worker_->Post([connection = connection_, number = number_, outgoing = std::move(outgoing)]() mutable {
      if (const auto there = connection.lock()) there->Take(number, std::move(outgoing));
    });
  }

  const std::shared_ptr<Worker> worker_;
  const std::weak_ptr<Connection> connection_;
  const uint64_t number_;
  const Request request_;
  bool complete_ = false;
};

}  // namespace throughline::edge::http
