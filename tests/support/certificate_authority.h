#pragma once

// An authority that signs certificates for tests, by the program `openssl`. One thread.
//
//   CertificateAuthority ours(directory, "ours");          // <directory>/ours.pem
//   ours.Sign("server", "/CN=server", "IP:127.0.0.1");     // <directory>/server.pem and server.key

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/support/process.h"

namespace throughline::testing {

class CertificateAuthority {
 public:
  CertificateAuthority(std::string directory, std::string name)
      : directory_(std::move(directory)), name_(std::move(name)) {
    Shell(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=", name_,
                       " -keyout ", name_, ".key -out ", name_, ".pem"));
  }

  // `alternative`: of the subject, such as IP:127.0.0.1 or URI:spiffe://test/ana; empty: none.
  void Sign(const std::string& name, const std::string& subject, const std::string& alternative) const {
    Shell(absl::StrCat("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '", subject, "' -keyout ",
                       name, ".key -out ", name, ".csr"));
    Shell(absl::StrCat(alternative.empty() ? "true" : absl::StrCat("echo subjectAltName=", alternative), " > ", name,
                       ".ext && openssl x509 -req -days 2 -in ", name, ".csr -CA ", name_, ".pem -CAkey ", name_,
                       ".key -CAcreateserial -extfile ", name, ".ext -out ", name, ".pem"));
  }

  std::string path() const { return absl::StrCat(directory_, "/", name_, ".pem"); }

 private:
  void Shell(const std::string& line) const {
    const Finished ended = Run({"/bin/sh", "-c", absl::StrCat("cd '", directory_, "' && ", line)});
    EXPECT_EQ(ended.exit_code, 0) << line << ended.err;
  }

  const std::string directory_;
  const std::string name_;
};

}  // namespace throughline::testing
