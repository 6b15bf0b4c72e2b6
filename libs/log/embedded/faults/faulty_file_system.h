#pragma once

// A file system for tests of the embedded log: it loses power, becomes full, ignores syncs, or delays them.
//
// Any thread; LoseUnsynced only while no file is open.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/file_system.h"

#include "libs/log/simulated/random.h"

namespace throughline::log {

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  // From now on, all writes fail.
  void PowerOff();
  // Loses what a power cut loses: a random part of the unsynced bytes, and new files in unsynced directories.
  void LoseUnsynced(Random& random);
  // From now on, syncs do nothing and report success.
  void LieAboutSyncing();
  // From now on, syncs of write-ahead logs wait for ReleaseSyncs.
  void HoldSyncs();
  // Waits until a sync is held. False, and no sync is held any more: none came for twenty seconds, so the log omits
  // syncs.
  [[nodiscard]] bool AwaitHeldSync();
  void ReleaseSyncs();
  // Syncs of write-ahead logs so far.
  int wal_syncs();
  // Allows only so many more bytes in files with this suffix.
  void LeaveRoom(int64_t bytes, const std::string& suffix = "");

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultyFile;
  friend class FaultyDirectory;
  struct File {
    uint64_t size = 0;
    uint64_t synced = 0;
    bool in_directory = false;  // its directory was synced after it was made
  };

  rocksdb::IOStatus Appending(const std::string& path, size_t bytes);
  // `pretend`: report success without a sync.
  rocksdb::IOStatus BeginSync(const std::string& path, bool* pretend);
  rocksdb::IOStatus Sync(const std::string& path, const std::function<rocksdb::IOStatus()>& sync);
  rocksdb::IOStatus SyncDirectory(const std::string& path, const std::function<rocksdb::IOStatus()>& sync);

  absl::Mutex mu_;
  bool off_ ABSL_GUARDED_BY(mu_) = false;
  bool lies_ ABSL_GUARDED_BY(mu_) = false;
  bool hold_ ABSL_GUARDED_BY(mu_) = false;
  int held_ ABSL_GUARDED_BY(mu_) = 0;
  int wal_syncs_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t room_ ABSL_GUARDED_BY(mu_) = INT64_MAX;
  std::string room_suffix_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::log
