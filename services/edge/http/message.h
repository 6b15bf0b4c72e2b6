#pragma once

// HTTP messages without their transport. Any thread, one at a time.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace throughline::edge::http {

// In the order in which they came; a name may come several times. Names are compared without case.
class Headers {
 public:
  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // In place of all with this name.
  void Set(std::string name, std::string value);
  // The first with this name; null: there is none.
  const std::string* Find(std::string_view name) const;
  int Count(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;
  std::string path;   // still percent-encoded; begins with `/`
  std::string query;  // without the `?`; still percent-encoded
  Headers headers;    // of the head; a chunked body's trailers are not added
  std::string body;
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Transfer-Encoding, Connection and Date are the server's
  std::string body;
};

// The standard reason phrase; empty for a status that has none.
std::string_view ReasonPhrase(int status);

// The name-value pairs of a query, decoded: `+` is a space. Absent: a percent sign without two hex digits.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

// A token as HTTP defines it (RFC 9110, 5.6.2).
bool IsToken(std::string_view text);
// What may be sent as a header's value: no control characters but tab.
bool IsFieldValue(std::string_view text);

}  // namespace throughline::edge::http
