#pragma once

// A file system for tests of the embedded log: it loses power, runs full, lies about syncing, or takes its
// time.
//
// Any thread; LoseUnsynced only when nobody has a file open.

#include <cstdint>
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

  // From now on nothing reaches a file any more.
  void PowerOff();
  // What a power cut leaves: of the bytes that were not synced a random part, and no file whose directory was not
  // synced since it was made.
  void LoseUnsynced(Random& random);
  // From now on syncs do nothing and say that they did.
  void LieAboutSyncing();
  // From now on a sync of a write-ahead log waits for ReleaseSyncs.
  void HoldSyncs();
  // False, and no sync is held any more, if none came for twenty seconds: a log that omits its syncs.
  [[nodiscard]] bool AwaitHeldSync();
  void ReleaseSyncs();
  // Syncs of write-ahead logs so far.
  int wal_syncs();
  // Only so many bytes more can be written to files whose name ends so.
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
    bool in_directory = false;  // its directory was synced since it was made
  };

  rocksdb::IOStatus Appending(const std::string& path, size_t bytes);
  rocksdb::IOStatus Syncing(const std::string& path, bool* pretend);
  void Synced(const std::string& path);
  void DirectorySynced(const std::string& path);

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
