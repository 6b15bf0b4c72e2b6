#pragma once

// What the server's sources take from Boost.Asio. Expensive to compile: only for sources of this folder.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

namespace throughline::edge::http {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using ErrorCode = boost::system::error_code;

// Completes with an error code instead of an exception.
inline constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);

// Wakes the one coroutine that waits for it. Whoever waits checks its condition again after every wait, also after a
// timeout. One thread.
class Event {
 public:
  explicit Event(const asio::any_io_executor& executor) : timer_(executor) {}

  // False: it is `until`.
  asio::awaitable<bool> Wait(Clock::time_point until) {
    timer_.expires_at(until);
    const auto [error] = co_await timer_.async_wait(kAwaitTuple);
    co_return static_cast<bool>(error);
  }
  void Notify() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace throughline::edge::http
