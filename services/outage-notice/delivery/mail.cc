#include "services/outage-notice/delivery/mail.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

#include "services/outage-notice/domain/address.h"

namespace throughline::outage {
namespace {

constexpr size_t kMostInLine = 76;

bool IsPlain(const std::string& text) {
  return absl::c_all_of(text, [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

// How many bytes of UTF-8 make up the character that begins with this one.
size_t CharacterSize(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

// Words with blanks between them, folded before one that does not fit.
std::string FoldWords(const std::string& text, size_t column) {
  std::string folded;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    const bool first = folded.empty();
    if (!first && column + 1 + word.size() > kMostInLine && !word.empty()) {
      folded.append("\r\n");
      column = 0;
    }
    if (!first) folded.push_back(' ');
    folded.append(word.data(), word.size());
    column += word.size() + (first ? 0 : 1);
  }
  return folded;
}

// "Kim <kim@example.com>". A name that is more than words stands in quotes or is encoded.
std::string Mailbox(const std::string& name, const std::string& address) {
  if (name.empty()) return address;
  if (!IsPlain(name)) return absl::StrCat(EncodeHeader(name, 6), "\r\n <", address, ">");
  std::string quoted;
  for (char c : name) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return absl::StrCat("\"", quoted, "\"\r\n <", address, ">");
}

}  // namespace

std::string EncodeHeader(const std::string& text, size_t column) {
  const bool has_long_word =
      absl::c_any_of(absl::StrSplit(text, ' '), [](absl::string_view w) { return w.size() > 70; });
  if (IsPlain(text) && !has_long_word && text.find("=?") == std::string::npos) return FoldWords(text, column);
  // Encoded words of at most 75 characters, in which no character is divided.
  constexpr size_t kMostBytes = 42;  // 56 of base64, and 12 around them
  std::string encoded;
  for (size_t begin = 0; begin < text.size();) {
    const size_t room = begin == 0 && column > 8 ? kMostBytes - 12 : kMostBytes;
    size_t end = begin;
    while (end < text.size() && end + CharacterSize(text[end]) - begin <= room) end += CharacterSize(text[end]);
    end = std::min(std::max(end, begin + 1), text.size());
    if (begin > 0) encoded.append("\r\n ");
    absl::StrAppend(&encoded, "=?UTF-8?B?", absl::Base64Escape(text.substr(begin, end - begin)), "?=");
    begin = end;
  }
  return encoded;
}

std::string QuotedPrintable(const std::string& text) {
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r') continue;
    if (c == '\n') {
      out.append("\r\n");
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool blank = c == ' ' || c == '\t';
    const bool as_it_is =
        blank ? !ends_line
              : absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '=' && !(c == '.' && column == 0);
    const std::string piece =
        as_it_is ? std::string(1, c) : absl::StrFormat("=%02X", static_cast<int>(static_cast<unsigned char>(c)));
    if (column + piece.size() > kMostInLine - 1) {
      out.append("=\r\n");
      column = 0;
    }
    out.append(piece);
    column += piece.size();
  }
  return out;
}

std::string Compose(const Mail& mail) {
  const std::string domain = DomainOf(mail.from);
  std::string out;
  const auto header = [&](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&out, name, ": ", value, "\r\n");
  };
  header("From", Mailbox(mail.from_name, mail.from));
  header("To", mail.to);
  header("Subject", EncodeHeader(mail.subject, 9));
  header("Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", mail.date, absl::UTCTimeZone()));
  header("Message-ID", absl::StrCat("<", mail.id, "@", domain, ">"));
  if (!mail.thread.empty()) header("References", absl::StrCat("<", mail.thread, "@", domain, ">"));
  header("Auto-Submitted", "auto-generated");
  if (!mail.leave_url.empty()) {
    header("List-Id", absl::StrCat("<notices.", domain, ">"));
    header("List-Unsubscribe", absl::StrCat("\r\n <", mail.leave_url, ">"));
    header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  header("Content-Transfer-Encoding", "quoted-printable");
  absl::StrAppend(&out, "\r\n", QuotedPrintable(mail.text));
  if (!mail.text.empty() && mail.text.back() != '\n') out.append("\r\n");
  return out;
}

}  // namespace throughline::outage
