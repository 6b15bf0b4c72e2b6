#include "libs/files/private_env.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <utility>

#include "libs/files/private_directory.h"

namespace throughline::files {
namespace {

class PrivateFileSystem : public rocksdb::FileSystemWrapper {
 public:
  using rocksdb::FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "PrivateFileSystem"; }
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& /*options*/,
                              rocksdb::IODebugContext* /*debug*/) override {
    if (mkdir(path.c_str(), kPrivateDirectory) == 0) return rocksdb::IOStatus::OK();
    return rocksdb::IOStatus::IOError("cannot make the directory " + path, std::strerror(errno));
  }
};

}  // namespace

rocksdb::Env* PrivateEnv() {
  static rocksdb::Env* const env = PrivateEnvOn(rocksdb::FileSystem::Default()).release();
  return env;
}

std::unique_ptr<rocksdb::Env> PrivateEnvOn(std::shared_ptr<rocksdb::FileSystem> file_system) {
  return rocksdb::NewCompositeEnv(std::make_shared<PrivateFileSystem>(std::move(file_system)));
}

}  // namespace throughline::files
