#pragma once

// Who reads a file of credentials at this moment, so that whoever changes it can wait until the change is in force.
//
//   std::unique_ptr<TokenReader> reader = TokenReader::Register(store.path());   // a server
//   reader->HasRead(store.version());                                           // whenever it has read the file
//
//   absl::StatusOr<int> servers = AwaitReaders(path, absl::Seconds(10));         // a tool, after the change
//
// In the folder `<file>.readers` every reader has a file of its own with the version (token_file.h) that it holds to,
// and a lock on it for as long as it lives: what is not locked was left by a process that was killed, and does not
// count.
//
// One thread for each object.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::identity {

class TokenReader {
 public:
  // Null: nothing can be written beside the file, as in a mounted secret. Nobody waits for such a reader.
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

// Waits until every registered reader has read the file as it is now; how many there are. If there is none, for as long
// as one may take that could not register. DEADLINE_EXCEEDED: names those that have not.
absl::StatusOr<int> AwaitReaders(const std::string& tokens_path, absl::Duration patience);

}  // namespace throughline::identity
