#pragma once

// The processes that read a file of credentials now. Whoever changes the file can wait until the change is in force.
//
//   std::unique_ptr<TokenReader> reader = TokenReader::Register(store.path());   // a server
//   reader->HasRead(store.version());                                           // whenever it has read the file
//
//   absl::StatusOr<int> servers = AwaitReaders(path, absl::Seconds(10));         // a tool, after the change
//
// In the directory `<file>.readers`, every reader has a file with the version (token_file.h) that it has read. The
// reader locks its file for as long as it lives: a file without a lock was left by a killed process and is ignored.
//
// One thread for each object.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::identity {

class TokenReader {
 public:
  // Null: the directory of the file is not writable, as with a mounted secret. Nobody waits for such a reader.
  static std::unique_ptr<TokenReader> Register(const std::string& tokens_path);
  TokenReader(const TokenReader&) = delete;
  TokenReader& operator=(const TokenReader&) = delete;
  ~TokenReader();

  void HasRead(const std::string& version);

 private:
  TokenReader(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  const std::string path_;
  const int fd_;
  std::string told_;
};

// Waits until every registered reader has read the present file; returns their number. If there is none, waits for as
// long as an unregistered reader may take. DEADLINE_EXCEEDED: names the readers that have not read it.
absl::StatusOr<int> AwaitReaders(const std::string& tokens_path, absl::Duration patience);

}  // namespace throughline::identity
