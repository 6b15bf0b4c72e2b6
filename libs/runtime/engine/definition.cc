#include "libs/runtime/engine/definition.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/fold/tables.h"

namespace throughline::runtime {

DomainGauge CounterGauge(std::string name, std::string help, std::string counter) {
  return {std::move(name), std::move(help), [counter = std::move(counter)](const store::KeyValue& reader, absl::Time) {
            return static_cast<double>(Counted(reader, counter));
          }};
}

std::string StoreLayout(const Definition& definition) {
  std::string layout = absl::StrCat(kLayout, "/", definition.layout);
  for (const std::string& kind : definition.types.UnreadKinds()) absl::StrAppend(&layout, "-", kind);
  return layout;
}

}  // namespace throughline::runtime
