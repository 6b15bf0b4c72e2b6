#include "services/process/rebuild/progress.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

#include "libs/files/whole_file.h"

namespace throughline::process {
namespace {

std::string FileIn(const std::string& next) { return next + "/PROGRESS"; }

}  // namespace

std::string RebuildProgress::ToText() const {
  const double share = of > 0 ? 100 * static_cast<double>(records) / static_cast<double>(of) : 100;
  std::string text = absl::StrFormat("%d of %d records (%.0f%%)", records, of, share);
  if (phase == Phase::kComparing) return absl::StrCat(text, ", comparing");
  if (per_second > 0) absl::StrAppend(&text, absl::StrFormat(", %.0f/s", per_second));
  if (left < absl::InfiniteDuration()) {
    absl::StrAppend(&text, ", about ", absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))), " left");
  }
  return text;
}

void WriteProgress(const std::string& next, const RebuildProgress& progress) {
  // Not synced: nobody needs it after a power loss.
  const std::string file = FileIn(next), unready = file + ".new";
  std::ofstream(unready) << (progress.phase == RebuildProgress::Phase::kComparing ? "comparing" : "folding") << ' '
                         << progress.records << ' ' << progress.of << ' ' << progress.per_second << ' '
                         << absl::ToDoubleSeconds(progress.left) << ' ' << absl::ToUnixMillis(progress.at) << '\n';
  std::error_code ignored;
  std::filesystem::rename(unready, file, ignored);
}

std::optional<RebuildProgress> ReadProgress(const std::string& next) {
  const std::optional<std::string> content = files::ReadFile(FileIn(next));
  if (!content) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(*content, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  RebuildProgress progress;
  double left = 0;
  int64_t at = 0;
  if (parts.size() != 6 || !absl::SimpleAtoi(parts[1], &progress.records) ||
      !absl::SimpleAtoi(parts[2], &progress.of) || !absl::SimpleAtod(parts[3], &progress.per_second) ||
      !absl::SimpleAtod(parts[4], &left) || !absl::SimpleAtoi(parts[5], &at)) {
    return std::nullopt;
  }
  if (parts[0] == "comparing") progress.phase = RebuildProgress::Phase::kComparing;
  progress.left = absl::Seconds(left);
  progress.at = absl::FromUnixMillis(at);
  return progress;
}

void RemoveProgress(const std::string& next) {
  std::error_code ignored;
  std::filesystem::remove(FileIn(next), ignored);
}

}  // namespace throughline::process
