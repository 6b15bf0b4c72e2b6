#include "services/throughline/commands/operations/up_options.h"

#include "absl/strings/str_cat.h"

#include "services/throughline/output/times.h"

namespace throughline::tool {

void AddPeriod(CLI::App& up, const std::string& name, absl::Duration& period, absl::Duration least, absl::Duration most,
               const std::string& description) {
  up.add_option(name, description)
      ->type_name("PERIOD")
      ->default_str(absl::FormatDuration(period))
      ->check([&period, least, most](const std::string& text) -> std::string {
        auto given = ParsePeriod(text);
        if (text == "0" || text == "0s") given = absl::ZeroDuration();
        if (!given.ok()) return std::string(given.status().message());
        if (*given < least || *given > most) {
          return absl::StrCat("is not from ", absl::FormatDuration(least), " to ", absl::FormatDuration(most));
        }
        period = *given;
        return "";
      });
}

}  // namespace throughline::tool
