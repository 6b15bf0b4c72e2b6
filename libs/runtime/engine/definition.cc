#include "libs/runtime/engine/definition.h"

#include "libs/runtime/fold/tables.h"

namespace throughline::runtime {

DomainGauge CounterGauge(std::string name, std::string help, std::string counter) {
  return {std::move(name), std::move(help), [counter = std::move(counter)](const store::KeyValue& reader, absl::Time) {
            return static_cast<double>(Counted(reader, counter));
          }};
}

std::string StoreLayout(const Definition& definition) { return std::string(kLayout) + "/" + definition.layout; }

}  // namespace throughline::runtime
