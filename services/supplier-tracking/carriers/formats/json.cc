#include "services/supplier-tracking/carriers/formats/json.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

#include "libs/runtime/domain/refusal.h"

namespace throughline::supplier {
namespace {

using Library = nlohmann::json;

const char* Name(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::kNull:
      return "null";
    case Json::Kind::kBool:
      return "true or false";
    case Json::Kind::kNumber:
      return "a number";
    case Json::Kind::kText:
      return "a text";
    case Json::Kind::kArray:
      return "an array";
    case Json::Kind::kObject:
      return "an object";
  }
  return "something else";
}

// Builds the tree from the library's SAX events and stops at a bound. The library does not throw through this
// interface.
class Builder : public nlohmann::json_sax<Library> {
 public:
  explicit Builder(Json& root) : root_(root) {}

  bool null() override { return Add({}); }
  bool boolean(bool value) override { return Add({Json::Kind::kBool, value ? "true" : "false", {}}); }
  bool number_integer(number_integer_t value) override { return Add({Json::Kind::kNumber, absl::StrCat(value), {}}); }
  bool number_unsigned(number_unsigned_t value) override { return Add({Json::Kind::kNumber, absl::StrCat(value), {}}); }
  bool number_float(number_float_t, const string_t& text) override { return Add({Json::Kind::kNumber, text, {}}); }
  bool string(string_t& value) override { return Add({Json::Kind::kText, std::move(value), {}}); }
  bool binary(binary_t&) override { return Stop("contains binary data, which is not JSON"); }
  bool start_object(size_t) override { return Open(Json::Kind::kObject); }
  bool start_array(size_t) override { return Open(Json::Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(size_t position, const std::string&, const Library::exception&) override {
    wrong_at_ = position;
    return false;
  }

  std::string why;
  const std::optional<size_t>& wrong_at() const { return wrong_at_; }

 private:
  bool Stop(std::string reason) {
    why = std::move(reason);
    return false;
  }

  bool Add(Json value) {
    if (++count_ > kMaxJsonValues) return Stop(absl::StrCat("has more than ", kMaxJsonValues, " values"));
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    open_.back()->members.push_back({std::move(key_), std::move(value)});
    key_.clear();
    return true;
  }

  bool Open(Json::Kind kind) {
    if (open_.size() == kMaxJsonDepth) return Stop(absl::StrCat("is nested more than ", kMaxJsonDepth, " levels deep"));
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

  Json& root_;
  std::vector<Json*> open_;
  std::string key_;
  size_t count_ = 0;
  std::optional<size_t> wrong_at_;
};

std::string LineAndColumn(std::string_view bytes, size_t position) {
  size_t line = 1, column = 0;
  for (char c : bytes.substr(0, position)) {
    column = c == '\n' ? 0 : column + 1;
    line += c == '\n';
  }
  return absl::StrCat("line ", line, ", column ", column);
}

absl::Status Unreadable(const std::string& what) {
  return runtime::BadField("body", absl::StrCat(what, ": send the carrier's payload byte for byte"));
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

void Append(std::string& out, const Json& json) {
  const bool object = json.kind == Json::Kind::kObject;
  switch (json.kind) {
    case Json::Kind::kNull:
      out += "null";
      return;
    case Json::Kind::kBool:
    case Json::Kind::kNumber:
      out += json.text;
      return;
    case Json::Kind::kText:
      AppendText(out, json.text);
      return;
    case Json::Kind::kArray:
    case Json::Kind::kObject:
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

absl::StatusOr<Json> Json::Parse(std::string_view bytes) {
  if (bytes.empty()) return Unreadable("is empty");
  if (bytes.size() > kMaxPayloadBytes) {
    return runtime::BadField("body", absl::StrCat("has ", bytes.size(), " bytes: at most ", kMaxPayloadBytes));
  }
  Json root;
  Builder builder(root);
  if (Library::sax_parse(bytes.begin(), bytes.end(), &builder)) return root;
  if (!builder.why.empty()) return Unreadable(builder.why);
  return Unreadable(
      absl::StrCat("is not JSON in UTF-8 from ", LineAndColumn(bytes, builder.wrong_at().value_or(0)), " on"));
}

const Json* Json::Find(std::string_view name) const {
  if (kind != Kind::kObject) return nullptr;
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Json::ToString() const {
  std::string out;
  Append(out, *this);
  return out;
}

void JsonProblems::Add(const std::string& path, const std::string& what) {
  if (status_.ok()) status_ = runtime::BadField(path, what);
}

JsonRef JsonRef::operator[](std::string_view name) const {
  return JsonRef(value_ == nullptr ? nullptr : value_->Find(name),
                 path_.empty() ? std::string(name) : absl::StrCat(path_, ".", std::string(name)));
}

JsonRef JsonRef::At(size_t index) const {
  const bool exists = value_ != nullptr && value_->kind == Json::Kind::kArray && index < value_->members.size();
  return JsonRef(exists ? &value_->members[index].value : nullptr, absl::StrCat(path_, "[", index, "]"));
}

size_t JsonRef::Size(JsonProblems& problems) const {
  if (!present()) return 0;
  if (value_->kind == Json::Kind::kArray) return value_->members.size();
  problems.Add(path(), absl::StrCat("is ", Name(value_->kind), ": must be an array"));
  return 0;
}

void JsonRef::ExpectObject(JsonProblems& problems) const {
  if (!present()) return problems.Add(path(), "is missing: must be an object");
  if (value_->kind != Json::Kind::kObject) {
    problems.Add(path(), absl::StrCat("is ", Name(value_->kind), ": must be an object"));
  }
}

std::string JsonRef::Text(JsonProblems& problems, size_t max) const {
  if (!present()) return "";
  if (value_->kind != Json::Kind::kText && value_->kind != Json::Kind::kNumber) {
    problems.Add(path(), absl::StrCat("is ", Name(value_->kind), ": must be a text"));
    return "";
  }
  if (value_->text.size() <= max) return value_->text;
  problems.Add(path(), absl::StrCat("has ", value_->text.size(), " bytes: at most ", max));
  return "";
}

std::string JsonRef::Required(JsonProblems& problems, size_t max) const {
  std::string text = Text(problems, max);
  if (text.empty()) problems.Add(path(), "is missing: must be a text");
  return text;
}

bool JsonRef::Flag(JsonProblems& problems) const {
  if (!present()) return false;
  if (value_->kind != Json::Kind::kBool) {
    problems.Add(path(), absl::StrCat("is ", Name(value_->kind), ": must be true or false"));
    return false;
  }
  return value_->text == "true";
}

}  // namespace throughline::supplier
