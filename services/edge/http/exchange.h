#pragma once

// One request and its answer, as a handler sees it: answered as a whole, or in parts.
//
//   void Handle(std::shared_ptr<Exchange> exchange) {                  // on the connection's thread: must not block
//     exchange->Answer({.status = 200, .body = "hello"});              // or later, from any thread
//   }
//
// One of Answer or Begin is called once; after Begin, Send any number of times, each after the part before was sent,
// then End. An exchange that is dropped without that is answered with 500, or cut off if it had begun. Any thread, one
// at a time. Callbacks run on the connection's thread and must not block.

#include <functional>
#include <memory>
#include <string>

#include "services/edge/http/message.h"

namespace throughline::edge::http {

class Exchange {
 public:
  enum class Ended {
    kClientGone,  // nobody reads the answer: stop working for it
    kDraining,    // the server stops: end a long answer soon
  };

  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;
  // A label of the metrics: one of a few static strings.
  virtual void SetRoute(const char* route) = 0;

  virtual void Answer(Response response) = 0;

  virtual void Begin(Response head) = 0;  // its body is the first part
  // `sent`: the part is with the client's network; send the next. Never called once the client has gone.
  virtual void Send(std::string part, std::function<void()> sent) = 0;
  virtual void End(std::string last_part) = 0;

  // At most one call of each kind, while the answer is not complete. Set it before the first Answer, Begin or End.
  virtual void OnEnded(std::function<void(Ended)> ended) = 0;
};

using Handler = std::function<void(std::shared_ptr<Exchange>)>;

}  // namespace throughline::edge::http
