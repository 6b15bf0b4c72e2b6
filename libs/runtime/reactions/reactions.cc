#include "libs/runtime/domain/ids.h"
#include "libs/runtime/reactions/reactor.h"

namespace throughline::runtime {

Reactions::Reactions(const StreamTypes& types, std::string actor, std::string cause, std::string correlation_id,
                     absl::Time now)
    : types_(types) {
  caller_.id = std::move(actor);
  caller_.roles = {common::v1::ROLE_SERVICE};
  caller_.time = now;
  caller_.causation_id = std::move(cause);
  caller_.correlation_id = std::move(correlation_id);
}

Caller Reactions::CallerFor(std::string_view purpose) const {
  Caller caller = caller_;
  caller.command_id = caller_.causation_id;
  caller.command_id = DerivedId(caller, purpose);
  return caller;
}

}  // namespace throughline::runtime
