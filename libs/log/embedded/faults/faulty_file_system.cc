#include "libs/log/embedded/faults/faulty_file_system.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/time.h"

namespace throughline::log {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(FaultyFileSystem& files, std::string path, std::unique_ptr<rocksdb::FSWritableFile> target)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus s = files_.Appending(path_, data.size()); !s.ok()) return s;
    return target()->Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return files_.Sync(path_, [&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return files_.Sync(path_, [&] { return target()->Fsync(options, debug); });
  }

 private:
  FaultyFileSystem& files_;
  const std::string path_;
};

class FaultyDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(FaultyFileSystem& files, std::string path, std::unique_ptr<rocksdb::FSDirectory> target)
      : rocksdb::FSDirectoryWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return files_.SyncDirectory(path_, [&] { return rocksdb::FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& directory) override {
    return files_.SyncDirectory(
        path_, [&] { return rocksdb::FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory); });
  }

 private:
  FaultyFileSystem& files_;
  const std::string path_;
};

void FaultyFileSystem::PowerOff() {
  absl::MutexLock lock(&mu_);
  off_ = true;
}

void FaultyFileSystem::LieAboutSyncing() {
  absl::MutexLock lock(&mu_);
  lies_ = true;
}

void FaultyFileSystem::HoldSyncs() {
  absl::MutexLock lock(&mu_);
  hold_ = true;
}

bool FaultyFileSystem::AwaitHeldSync() {
  absl::MutexLock lock(&mu_);
  auto held = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return held_ > 0; };
  if (mu_.AwaitWithTimeout(absl::Condition(&held), absl::Seconds(20))) return true;
  hold_ = false;  // so that the log can close
  return false;
}

void FaultyFileSystem::ReleaseSyncs() {
  absl::MutexLock lock(&mu_);
  hold_ = false;
}

int FaultyFileSystem::wal_syncs() {
  absl::MutexLock lock(&mu_);
  return wal_syncs_;
}

void FaultyFileSystem::LeaveRoom(int64_t bytes, const std::string& suffix) {
  absl::MutexLock lock(&mu_);
  room_ = bytes;
  room_suffix_ = suffix;
}

void FaultyFileSystem::LoseUnsynced(Random& random) {
  absl::MutexLock lock(&mu_);
  for (const auto& [path, file] : files_) {
    std::error_code error;
    if (!file.in_directory) {
      std::filesystem::remove(path, error);
    } else if (file.size > file.synced) {
      std::filesystem::resize_file(path, file.synced + random.Below(file.size - file.synced + 1), error);
    }
  }
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus s = Appending(path, 0); !s.ok()) return s;
  std::unique_ptr<rocksdb::FSWritableFile> target_file;
  IOStatus s = target()->NewWritableFile(path, options, &target_file, debug);
  if (!s.ok()) return s;
  {
    absl::MutexLock lock(&mu_);
    files_[path] = File();
  }
  *file = std::make_unique<FaultyFile>(*this, path, std::move(target_file));
  return s;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> target_directory;
  IOStatus s = target()->NewDirectory(path, options, &target_directory, debug);
  if (s.ok()) *directory = std::make_unique<FaultyDirectory>(*this, path, std::move(target_directory));
  return s;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* debug) {
  if (IOStatus s = Appending(to, 0); !s.ok()) return s;
  IOStatus s = target()->RenameFile(from, to, options, debug);
  absl::MutexLock lock(&mu_);
  if (auto moved = files_.extract(from); s.ok() && !moved.empty()) {
    moved.mapped().in_directory = true;  // a rename is assumed durable: losing it would restore the old file
    files_[to] = moved.mapped();
  }
  return s;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  {
    absl::MutexLock lock(&mu_);
    if (off_) return IOStatus::IOError("the power is off");
    files_.erase(path);
  }
  return target()->DeleteFile(path, options, debug);
}

IOStatus FaultyFileSystem::Appending(const std::string& path, size_t bytes) {
  absl::MutexLock lock(&mu_);
  if (off_) return IOStatus::IOError("the power is off");
  if (absl::EndsWith(path, room_suffix_)) {
    if (room_ < static_cast<int64_t>(bytes)) return IOStatus::NoSpace("no space left in the test");
    room_ -= static_cast<int64_t>(bytes);
  }
  files_[path].size += bytes;
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::BeginSync(const std::string& path, bool* pretend) {
  absl::MutexLock lock(&mu_);
  if (absl::EndsWith(path, ".log")) {
    ++wal_syncs_;
    ++held_;
    auto released = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !hold_; };
    mu_.Await(absl::Condition(&released));
    --held_;
  }
  if (off_) return IOStatus::IOError("the power is off");
  *pretend = lies_;
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::Sync(const std::string& path, const std::function<IOStatus()>& sync) {
  bool pretend = false;
  if (IOStatus s = BeginSync(path, &pretend); !s.ok() || pretend) return s;
  IOStatus s = sync();
  absl::MutexLock lock(&mu_);
  if (s.ok()) files_[path].synced = files_[path].size;
  return s;
}

IOStatus FaultyFileSystem::SyncDirectory(const std::string& path, const std::function<IOStatus()>& sync) {
  bool pretend = false;
  if (IOStatus s = BeginSync(path, &pretend); !s.ok() || pretend) return s;
  IOStatus s = sync();
  if (!s.ok()) return s;
  const std::filesystem::path directory = std::filesystem::path(path + "/.").lexically_normal();
  absl::MutexLock lock(&mu_);
  for (auto& [name, file] : files_) {
    const std::filesystem::path parent = std::filesystem::path(name).parent_path();
    if ((parent / ".").lexically_normal() == directory) file.in_directory = true;
  }
  return s;
}

}  // namespace throughline::log
