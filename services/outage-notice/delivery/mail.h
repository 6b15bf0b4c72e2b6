#pragma once

// A mail as RFC 5322 and MIME describe it: lines that end with CRLF and have at most 76 characters, UTF-8 as
// quoted-printable (RFC 2045) and in headers as encoded words (RFC 2047). The same mail is the same bytes.
//
// Pure functions; any thread.

#include <string>

#include "absl/time/time.h"

namespace throughline::outage {

struct Mail {
  std::string from;       // an address
  std::string from_name;  // may be empty
  std::string to;         // an address
  std::string subject;    // one line
  std::string text;       // lines that end with "\n"
  std::string id;         // unique; the Message-ID is <id@domain of from>
  std::string thread;     // mails of one thread belong together; may be empty
  absl::Time date;
  std::string leave_url;  // one-click leaving (RFC 8058); empty: none
};

std::string Compose(const Mail& mail);

// Its parts, for tests. A header's value after `column` characters of its line, folded.
std::string EncodeHeader(const std::string& text, size_t column);
std::string QuotedPrintable(const std::string& text);

}  // namespace throughline::outage
