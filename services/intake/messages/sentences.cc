#include "services/intake/messages/sentences.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/server/checks/utf8.h"

namespace throughline::intake {
namespace {

constexpr char kBreak = '\n';  // in a plain text: a sentence ends here

// The plain form of a character; empty: it is left out. Most stand for themselves.
std::string_view PlainOf(char32_t code, std::string_view bytes) {
  switch (code) {
    case '*':
    case '_':
    case '~':  // emphasis
    case 0xAD:
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0xFEFF:  // invisible
      return "";
    case '`':
    case 0xB4:
    case 0x2BC:
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0xFF07:
      return "'";
    case 0xAB:
    case 0xBB:
    case 0x201C:
    case 0x201D:
    case 0x201E:
      return "\"";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
      return "-";
    case 0x2026:
      return "...";
    case '\t':
    case '\r':
    case '\v':
    case '\f':
    case 0xA0:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return " ";
    default:
      return code >= 0x2000 && code <= 0x200A ? " " : bytes;
  }
}

// Whether a line begins something new: it is empty, an item of a list, or names who speaks.
bool BeginsAnew(std::string_view rest) {
  absl::string_view line(rest.data(), std::min(rest.find('\n'), rest.size()));
  line = absl::StripAsciiWhitespace(line);
  if (line.empty()) return true;
  for (const absl::string_view bullet : {"- ", "* ", "> ", "\u2022", "\u00b7", "\u2013 "}) {
    if (absl::StartsWith(line, bullet)) return true;
  }
  size_t digits = 0;
  while (digits < line.size() && absl::ascii_isdigit(line[digits])) ++digits;
  if (digits > 0 && digits + 1 < line.size() && (line[digits] == '.' || line[digits] == ')')) return true;
  const size_t colon = line.find(": ");
  return colon != absl::string_view::npos && colon <= 24 &&
         std::count(line.begin(), line.begin() + static_cast<long>(colon), ' ') <= 1;
}

// The whole message in its plain form, with kBreak where a line begins anew.
Sentence PlainText(std::string_view text) {
  Sentence plain;
  const auto add = [&plain](std::string_view form, size_t begin, size_t end) {
    for (const char c : form) {
      if (c == ' ' && (plain.plain.empty() || plain.plain.back() == ' ' || plain.plain.back() == kBreak)) continue;
      plain.plain.push_back(c);
      plain.begins.push_back(static_cast<uint32_t>(begin));
      plain.ends.push_back(static_cast<uint32_t>(end));
    }
  };
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '\n') {
      add(BeginsAnew(text.substr(at + 1)) ? std::string_view(&kBreak, 1) : " ", at, at + 1);
      ++at;
      continue;
    }
    const server::Character character = server::FirstCharacter(text.substr(at));
    const size_t length = std::max<size_t>(character.length, 1);
    add(PlainOf(character.code, text.substr(at, length)), at, at + length);
    at += length;
  }
  return plain;
}

// Whether the word before the point at `at` is written with one.
bool IsAbbreviation(absl::string_view plain, size_t at) {
  static constexpr absl::string_view kKnown[] = {"e.g", "i.e",    "mr",   "mrs", "ms",  "dr",   "prof", "st",  "no",
                                                 "nr",  "approx", "vs",   "inc", "ltd", "co",   "corp", "a.m", "p.m",
                                                 "u.s", "u.k",    "dept", "ext", "tel", "ref",  "est",  "jan", "feb",
                                                 "aug", "sept",   "oct",  "nov", "dec", "tues", "thurs"};
  size_t begin = at;
  while (begin > 0 && (absl::ascii_isalpha(plain[begin - 1]) || plain[begin - 1] == '.')) --begin;
  const std::string word = absl::AsciiStrToLower(plain.substr(begin, at - begin));
  // `The answer is no.` ends; `no. 5` does not.
  if (word == "no" || word == "nr") return at + 2 < plain.size() && absl::ascii_isdigit(plain[at + 2]);
  return std::find(std::begin(kKnown), std::end(kKnown), word) != std::end(kKnown) && at + 1 < plain.size() &&
         plain[at + 1] == ' ';
}

// Whether a sentence ends after the byte at `at`.
bool EndsAt(absl::string_view plain, size_t at) {
  const char c = plain[at];
  if (c == kBreak) return true;
  if (c == '.') {
    if (at + 1 < plain.size() && absl::ascii_isalnum(plain[at + 1])) return false;  // 3.5, example.com
    return !IsAbbreviation(plain, at);
  }
  return c == '!' || c == '?';
}

// Adds `plain[from, until)` without the spaces around it.
void AddSentence(const Sentence& all, size_t from, size_t until, std::vector<Sentence>& sentences) {
  const auto is_space = [&all](size_t at) { return all.plain[at] == ' ' || all.plain[at] == kBreak; };
  while (from < until && is_space(from)) ++from;
  while (from < until && is_space(until - 1)) --until;
  if (from == until) return;
  Sentence sentence;
  sentence.plain = all.plain.substr(from, until - from);
  const auto part = [from, until](const std::vector<uint32_t>& of) {
    return std::vector<uint32_t>(of.begin() + static_cast<long>(from), of.begin() + static_cast<long>(until));
  };
  sentence.begins = part(all.begins);
  sentence.ends = part(all.ends);
  sentences.push_back(std::move(sentence));
}

}  // namespace

std::vector<Sentence> SentencesOf(std::string_view text) {
  const Sentence all = PlainText(text);
  const absl::string_view plain = all.plain;
  std::vector<Sentence> sentences;
  size_t from = 0, space = 0;
  for (size_t at = 0; at < plain.size(); ++at) {
    if (plain[at] == ' ') space = at;
    size_t until = 0;
    if (EndsAt(plain, at)) {
      while (at + 1 < plain.size() && (plain[at + 1] == '.' || plain[at + 1] == '!' || plain[at + 1] == '?')) ++at;
      while (at + 1 < plain.size() && (plain[at + 1] == '"' || plain[at + 1] == ')' || plain[at + 1] == '\'')) ++at;
      until = at + 1;
    } else if (at + 1 - from >= kLongestSentence) {
      until = space > from ? space : at + 1;
      // Not inside a character.
      while (until > from + 1 && until < plain.size() && (static_cast<unsigned char>(plain[until]) & 0xC0) == 0x80)
        --until;
      at = until - 1;
    } else {
      continue;
    }
    AddSentence(all, from, until, sentences);
    from = until;
  }
  AddSentence(all, from, plain.size(), sentences);
  return sentences;
}

}  // namespace throughline::intake
