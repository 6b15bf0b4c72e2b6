#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

#include "services/supplier-tracking/carriers/formats/node.h"

namespace throughline::supplier {
namespace {

using Library = nlohmann::json;

// Builds the tree from the library's SAX events and stops at a bound. The library does not throw through this
// interface.
class Builder : public nlohmann::json_sax<Library> {
 public:
  explicit Builder(Node& root) : root_(root) {}

  bool null() override { return Add({}); }
  bool boolean(bool value) override { return Add({Node::Kind::kBool, value ? "true" : "false", {}}); }
  bool number_integer(number_integer_t value) override { return Add({Node::Kind::kNumber, absl::StrCat(value), {}}); }
  bool number_unsigned(number_unsigned_t value) override { return Add({Node::Kind::kNumber, absl::StrCat(value), {}}); }
  bool number_float(number_float_t, const string_t& text) override { return Add({Node::Kind::kNumber, text, {}}); }
  bool string(string_t& value) override { return Add({Node::Kind::kText, std::move(value), {}}); }
  bool binary(binary_t&) override { return Stop("contains binary data, which is not JSON"); }
  bool start_object(size_t) override { return Open(Node::Kind::kObject); }
  bool start_array(size_t) override { return Open(Node::Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(size_t position, const std::string&, const Library::exception& error) override {
    wrong_at_ = position;
    constexpr int kOutOfRange = 406;
    number_too_large_ = error.id == kOutOfRange;
    return false;
  }

  std::string why;
  bool number_too_large() const { return number_too_large_; }
  const std::optional<size_t>& wrong_at() const { return wrong_at_; }

 private:
  bool Stop(std::string reason) {
    why = std::move(reason);
    return false;
  }

  bool Add(Node value) {
    if (++count_ > kMaxValues) return Stop(absl::StrCat("has more than ", kMaxValues, " values"));
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    open_.back()->members.push_back({std::move(key_), std::move(value)});
    key_.clear();
    return true;
  }

  bool Open(Node::Kind kind) {
    if (open_.size() == kMaxDepth) return Stop(absl::StrCat("is nested more than ", kMaxDepth, " levels deep"));
    const bool outermost = open_.empty();
    if (!Add({kind, "", {}})) return false;
    // The address of an open container is stable: only its own members grow.
    open_.push_back(outermost ? &root_ : &open_.back()->members.back().value);
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  Node& root_;
  std::vector<Node*> open_;
  std::string key_;
  size_t count_ = 0;
  std::optional<size_t> wrong_at_;
  bool number_too_large_ = false;
};

// The end of the number that begins at `at`, by JSON's grammar; `at` if none does.
size_t EndOfNumber(std::string_view bytes, size_t at) {
  size_t end = at;
  const auto digits = [&] {
    const size_t from = end;
    while (end < bytes.size() && absl::ascii_isdigit(static_cast<unsigned char>(bytes[end]))) ++end;
    return end > from;
  };
  const auto is = [&](std::string_view any) { return end < bytes.size() && any.find(bytes[end]) != any.npos; };
  if (is("-")) ++end;
  const bool zero = is("0");
  if (!digits() || (zero && bytes[end - 1] != '0')) return at;
  if (is(".")) {
    ++end;
    if (!digits()) return at;
  }
  if (is("eE")) {
    ++end;
    if (is("+-")) ++end;
    if (!digits()) return at;
  }
  return end;
}

// Writes every number outside of texts as a text.
std::string QuoteNumbers(std::string_view bytes) {
  std::string out;
  bool in_text = false;
  for (size_t at = 0; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (in_text && c == '\\' && at + 1 < bytes.size()) {
      out.append(bytes.substr(at++, 2));
      continue;
    }
    if (c == '"') in_text = !in_text;
    const size_t end = in_text ? at : EndOfNumber(bytes, at);
    if (end == at) {
      out.push_back(c);
      continue;
    }
    out.push_back('"');
    out.append(bytes.substr(at, end - at));
    out.push_back('"');
    at = end - 1;
  }
  return out;
}

std::string LineAndColumn(std::string_view bytes, size_t position) {
  size_t line = 1, column = 0;
  for (char c : bytes.substr(0, position)) {
    column = c == '\n' ? 0 : column + 1;
    line += c == '\n';
  }
  return absl::StrCat("line ", line, ", column ", column);
}

void AppendText(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void Append(std::string& out, const Node& json) {
  const bool object = json.kind == Node::Kind::kObject;
  switch (json.kind) {
    case Node::Kind::kNull:
      out += "null";
      return;
    case Node::Kind::kBool:
    case Node::Kind::kNumber:
      out += json.text;
      return;
    case Node::Kind::kText:
      AppendText(out, json.text);
      return;
    case Node::Kind::kArray:
    case Node::Kind::kObject:
      break;
  }
  out += object ? '{' : '[';
  for (size_t i = 0; i < json.members.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      AppendText(out, json.members[i].name);
      out += ':';
    }
    Append(out, json.members[i].value);
  }
  out += object ? '}' : ']';
}

}  // namespace

absl::StatusOr<Node> Node::ParseJson(std::string_view bytes) {
  if (absl::Status status = CheckPayloadSize(bytes); !status.ok()) return status;
  Node root;
  Builder builder(root);
  if (Library::sax_parse(bytes.begin(), bytes.end(), &builder)) return root;
  if (builder.number_too_large()) {
    // A number that no double holds, perhaps in a field that nobody reads: numbers are texts here, so read it as one.
    const std::string quoted = QuoteNumbers(bytes);
    root = Node();
    Builder again(root);
    if (Library::sax_parse(quoted.begin(), quoted.end(), &again)) return root;
  }
  if (!builder.why.empty()) return UnreadablePayload(builder.why);
  return UnreadablePayload(
      absl::StrCat("is not JSON in UTF-8 from ", LineAndColumn(bytes, builder.wrong_at().value_or(0)), " on"));
}

std::string Node::ToJson() const {
  std::string out;
  Append(out, *this);
  return out;
}

}  // namespace throughline::supplier
