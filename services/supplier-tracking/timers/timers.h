#pragma once

// The service's timers, each given to the handlers in turn: a handler leaves those of other names alone.

#include <memory>
#include <utility>
#include <vector>

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class Timers : public runtime::TimerHandler {
 public:
  void Add(std::unique_ptr<runtime::TimerHandler> handler) { handlers_.push_back(std::move(handler)); }

  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override {
    for (const auto& handler : handlers_) handler->Fire(timer, reader, reactions);
  }

 private:
  std::vector<std::unique_ptr<runtime::TimerHandler>> handlers_;
};

}  // namespace throughline::supplier
