#include "libs/store/rocks/replacement.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <rocksdb/env.h>
#include <spdlog/spdlog.h>

#include "libs/files/durable.h"
#include "libs/files/whole_file.h"

namespace throughline::store {
namespace {

namespace fs = std::filesystem;

constexpr char kRebuilt[] = "/REBUILT";
constexpr char kChosen[] = "/CHOSEN";
constexpr char kFlush[] = "/FLUSH";
constexpr char kLayout[] = "/LAYOUT";  // of <path>.previous

std::string ReplacedPath(const std::string& path) { return path + ".replaced"; }

bool Exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

absl::Status Cannot(const std::string& what, const std::error_code& error) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", what, ": ", error.message()));
}

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) error = files::Sync(fs::path(to).parent_path());
  return error ? Cannot("rename " + from + " to " + to, error) : absl::OkStatus();
}

absl::Status Write(const std::string& file, const std::string& content) {
  const std::error_code error = files::ReplaceFile(file, content, 0600);
  return error ? Cannot("write " + file, error) : absl::OkStatus();
}

// Holds RocksDB's locks of some stores.
class Locks {
 public:
  ~Locks() {
    for (rocksdb::FileLock* lock : locks_) rocksdb::Env::Default()->UnlockFile(lock).PermitUncheckedError();
  }
  // FAILED_PRECONDITION: another holds it.
  absl::Status Take(const std::string& path) {
    if (!Exists(path)) return absl::OkStatus();
    rocksdb::FileLock* lock = nullptr;
    if (!rocksdb::Env::Default()->LockFile(path + "/LOCK", &lock).ok()) {
      return absl::FailedPreconditionError(absl::StrCat("the store in ", path, " is in use by another process"));
    }
    locks_.push_back(lock);
    return absl::OkStatus();
  }

 private:
  std::vector<rocksdb::FileLock*> locks_;
};

// Makes the store on the way the previous one.
absl::Status KeepReplaced(const std::string& path) {
  const std::string previous = PreviousPath(path);
  if (absl::Status gone = RemoveStore(previous); !gone.ok() && !absl::IsNotFound(gone)) return gone;
  return Rename(ReplacedPath(path), previous);
}

// `from` takes the place of the store at `path`, if there is one, which becomes the previous one.
absl::Status Swap(const std::string& path, const std::string& from) {
  Locks locks;
  for (const std::string& used : {path, from}) {
    if (absl::Status status = locks.Take(used); !status.ok()) return status;
  }
  const bool serves = Exists(path);
  if (serves) {
    if (absl::Status status = Rename(path, ReplacedPath(path)); !status.ok()) return status;
  }
  if (absl::Status status = Rename(from, path); !status.ok()) return status;
  return serves ? KeepReplaced(path) : absl::OkStatus();
}

// In bytes; 0: unknown.
uintmax_t SizeOf(const std::string& directory) {
  uintmax_t size = 0;
  std::error_code ignored;
  for (const fs::directory_entry& file : fs::directory_iterator(directory, ignored)) {
    const uintmax_t of_file = file.file_size(ignored);
    if (!ignored) size += of_file;
  }
  return size;
}

bool RoomForBoth(const std::string& path) {
  std::error_code error;
  const fs::space_info space = fs::space(path, error);
  return !error && space.available > 2 * SizeOf(path);  // files stand twice while they are merged
}

absl::Status Take(const std::string& path, const std::string& from, const std::string& why) {
  if (from == PreviousPath(path)) {
    spdlog::info("the store in {} and the one kept as {} change places: {}", path, from, why);
  } else {
    spdlog::info("the store in {} is replaced by {}, and is kept as {}: {}", path, from, PreviousPath(path), why);
  }
  return Swap(path, from);
}

}  // namespace

std::string NextPath(const std::string& path) { return path + ".next"; }
std::string PreviousPath(const std::string& path) { return path + ".previous"; }

std::optional<Rebuilt> ReadRebuilt(const std::string& path) {
  const std::optional<std::string> content = files::ReadFile(NextPath(path) + kRebuilt);
  if (!content) return std::nullopt;
  Rebuilt rebuilt;
  bool understood = true;
  for (absl::string_view line : absl::StrSplit(*content, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, absl::MaxSplits('=', 1));
    const auto& [name, value] = pair;
    if (name == "layout") rebuilt.layout = value;
    if (name == "built") understood &= absl::ParseTime(absl::RFC3339_full, value, &rebuilt.built, nullptr);
    if (name == "records") understood &= absl::SimpleAtoi(value, &rebuilt.records);
  }
  if (!understood || rebuilt.layout.empty()) return std::nullopt;
  return rebuilt;
}

absl::Status MarkRebuilt(const std::string& path, const Rebuilt& rebuilt) {
  const std::string next = NextPath(path);
  if (const std::error_code error = files::Sync(next)) return Cannot("sync " + next, error);
  return Write(next + kRebuilt, absl::StrCat("layout=", rebuilt.layout, "\nbuilt=",
                                             absl::FormatTime(absl::RFC3339_full, rebuilt.built, absl::UTCTimeZone()),
                                             "\nrecords=", rebuilt.records, "\n"));
}

absl::Status UnmarkRebuilt(const std::string& path) {
  const std::string next = NextPath(path);
  if (!Exists(next)) return absl::OkStatus();
  Locks locks;  // not while its builder, or a service that begins to take it, holds it
  if (absl::Status status = locks.Take(next); !status.ok()) return status;
  std::error_code error;
  for (const char* file : {kChosen, kRebuilt}) {
    fs::remove(next + file, error);
    if (error) return Cannot(absl::StrCat("remove ", next, file), error);
  }
  error = files::Sync(next);
  return error ? Cannot("sync " + next, error) : absl::OkStatus();
}

absl::Status ChooseRebuilt(const std::string& path) {
  if (ReadRebuilt(path)) return Write(NextPath(path) + kChosen, "");
  return absl::FailedPreconditionError(absl::StrCat("there is no complete store at ", NextPath(path)));
}

bool IsChosen(const std::string& path, const std::string& layout) {
  if (!Exists(NextPath(path) + kChosen)) return false;
  const std::optional<Rebuilt> rebuilt = ReadRebuilt(path);
  return rebuilt && rebuilt->layout == layout;
}

void AskToFlush(const std::string& path) { std::ofstream(NextPath(path) + kFlush).close(); }

bool FlushAsked(const std::string& path) { return Exists(NextPath(path) + kFlush); }

bool TakeFlushRequest(const std::string& path) { return unlink((NextPath(path) + kFlush).c_str()) == 0; }

absl::Status RemoveStore(const std::string& beside) {
  const std::string removed = beside + ".removed";
  std::error_code error;
  fs::remove_all(removed, error);
  if (!Exists(beside)) return absl::NotFoundError(absl::StrCat("there is no store at ", beside));
  {
    Locks locks;
    if (absl::Status status = locks.Take(beside); !status.ok()) return status;
    if (absl::Status status = Rename(beside, removed); !status.ok()) return status;
  }
  fs::remove_all(removed, error);
  return error ? Cannot("delete " + removed, error) : absl::OkStatus();
}

absl::Status SettleReplacement(const std::string& path, const std::string& layout) {
  if (Exists(ReplacedPath(path))) {  // killed in Swap
    absl::Status status = Exists(path) ? KeepReplaced(path) : Rename(ReplacedPath(path), path);
    if (!status.ok()) return status;
  }
  if (IsChosen(path, layout)) return Take(path, NextPath(path), "it was rebuilt beside it and chosen");
  const std::optional<Rebuilt> rebuilt = ReadRebuilt(path);
  if (Exists(path) || !rebuilt || rebuilt->layout != layout) return absl::OkStatus();
  return Take(path, NextPath(path), "there is none");
}

absl::Status ReplaceOtherLayout(const std::string& path, const std::string& found, const std::string& wanted,
                                const std::string& otherwise) {
  const std::optional<Rebuilt> rebuilt = ReadRebuilt(path);
  const std::string previous = PreviousPath(path);
  const bool next = rebuilt && rebuilt->layout == wanted;
  const bool before = files::ReadFile(previous + kLayout) == wanted;
  if (absl::Status status = Write(path + kLayout, found); !status.ok()) return status;
  if (next) return Take(path, NextPath(path), "it was rebuilt beside it for this version");
  if (before) return Take(path, previous, "it served this version before");
  const bool keep = RoomForBoth(path);
  spdlog::warn(
      "the store in {} is {}: its layout is {}, this version's is {}. It is {}. `throughline rebuild` of this version, "
      "run before it starts, prepares another",
      path, otherwise, found, wanted,
      keep ? "kept as " + previous : std::string("deleted, the disk has no room for both"));
  if (absl::Status status = Rename(path, ReplacedPath(path)); !status.ok()) return status;
  return keep ? KeepReplaced(path) : RemoveStore(ReplacedPath(path));
}

}  // namespace throughline::store
