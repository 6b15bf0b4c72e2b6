#include "services/supplier-tracking/carriers/code_maps.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

#include "libs/files/whole_file.h"

namespace throughline::supplier {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

constexpr size_t kMaxMistakes = 50;

class Mistakes : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int, const std::string& message) override { Add(line, message); }
  // The parser warns only about deprecated fields; there are none.
  void AddWarning(int, int, const std::string&) override {}

  void SetFile(const std::string& name) { file_ = name; }
  // `line` counts from 0; -1: the whole file.
  void Add(int line, const std::string& what) {
    if (found_.size() > kMaxMistakes) return;
    found_.push_back(line < 0 ? absl::StrCat(file_, ": ", what) : absl::StrCat(file_, ":", line + 1, ": ", what));
  }
  bool empty() const { return found_.empty(); }
  absl::Status ToStatus() const {
    return absl::InvalidArgumentError(
        absl::StrCat("the carrier maps are not in order:\n  ", absl::StrJoin(found_, "\n  ")));
  }

 private:
  std::string file_;
  std::vector<std::string> found_;
};

std::string Key(std::string_view carrier, std::string_view version, std::string_view type, std::string_view code,
                std::string_view text) {
  std::string key;
  for (const std::string_view part : {carrier, version, type, code, text}) {
    key.append(part);
    key.push_back('\x1f');  // no part contains it: see IsClean
  }
  return key;
}

bool IsClean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '-' || c == '_';
  });
}

// The claims that hold for every carrier.
constexpr char kAny[] = "any";

// How many bytes at the beginning of `text` are a mark beyond ASCII, which is no part of a word: U+0080 to U+00BF but
// for the ordinals, such as ® and the blank that does not break, and U+2000 to U+2BFF, such as ™ and dashes. 0 if it is
// none.
size_t MarkBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  if (byte(0) == 0xC2 && byte(1) != 0xAA && byte(1) != 0xBA) return 2;
  return byte(0) == 0xE2 && byte(1) >= 0x80 && byte(1) <= 0xAF ? 3 : 0;
}

// The words of a text in lower case, each with a blank before and after it. Apostrophes are left out.
std::string WordsOf(std::string_view text) {
  constexpr std::string_view kApostrophe = "\xE2\x80\x99";
  std::string words = " ";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool apostrophe = byte == '\'' || text.substr(i, 3) == kApostrophe;
    if (const size_t mark = MarkBytes(text.substr(i)); mark > 0) {
      if (!apostrophe && words.back() != ' ') words += ' ';
      i += mark - 1;
    } else if (byte >= 0x80 && byte <= 0x9E && static_cast<unsigned char>(words.back()) == 0xC3) {
      // Letters beyond ASCII belong to words. Those of western languages, from À to Þ, are 0xC3 and a byte 32 below
      // that of the small letter.
      words += static_cast<char>(byte + 0x20);
    } else if (absl::ascii_isalnum(byte) || byte >= 0x80) {
      words += absl::ascii_tolower(byte);
    } else if (!apostrophe && words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

// Both as WordsOf gives them.
bool HasPhrase(const std::string& text, const std::string& phrase) { return text.find(phrase) != std::string::npos; }

// "Delivered", meaning to the sender, does not contradict RETURNED.
bool Agree(v1::TrackingState state, v1::TrackingState claim) {
  return state == claim || (state == v1::TRACKING_STATE_RETURNED && claim == v1::TRACKING_STATE_DELIVERED);
}

bool Refutes(const v1::CarrierTextClaim& claim, v1::TrackingState state) {
  if (claim.refutes().empty()) return !Agree(state, claim.state());
  return std::find(claim.refutes().begin(), claim.refutes().end(), state) != claim.refutes().end();
}

// An aggregator's name of a carrier, whatever its case and blanks.
std::string NameKey(std::string_view aggregator, std::string_view name) {
  std::string key = std::string(aggregator) + "\n";
  for (const char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) key += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return key;
}

// The lines of one entry's fields.
class Lines {
 public:
  Lines(TextFormat::ParseInfoTree& tree, const char* list, int index)
      : of_list_(tree.GetLocation(v1::CarrierMap::descriptor()->FindFieldByName(list), index).line),
        entry_(tree.GetTreeForNested(v1::CarrierMap::descriptor()->FindFieldByName(list), index)) {}

  int Line() const { return of_list_; }
  int Line(const google::protobuf::Descriptor* type, const char* field, int index = -1) const {
    const FieldDescriptor* descriptor = type->FindFieldByName(field);
    const int line = entry_ == nullptr ? -1 : entry_->GetLocation(descriptor, index).line;
    return line < 0 ? of_list_ : line;
  }

 private:
  int of_list_;
  const TextFormat::ParseInfoTree* entry_;
};

void CheckEntry(const v1::CarrierMapEntry& entry, const Lines& lines, Mistakes& mistakes) {
  const auto* type = v1::CarrierMapEntry::descriptor();
  if (entry.type().empty() && entry.code().empty()) {
    mistakes.Add(lines.Line(), "this entry has neither type nor code: add at least one");
  }
  if (!entry.text().empty() && entry.code().empty())
    mistakes.Add(lines.Line(type, "text"), "`text` needs a `code` beside it");
  if (entry.state() == v1::TRACKING_STATE_UNSPECIFIED) {
    mistakes.Add(lines.Line(type, "state"),
                 "this entry has no state: add for instance `state: TRACKING_STATE_IN_TRANSIT`");
  }
  if (!IsClean(entry.type()) || !IsClean(entry.code()) || !IsClean(entry.text())) {
    mistakes.Add(lines.Line(), "type, code and text must not contain line breaks or other control characters");
  }
  std::set<int> flags;
  for (int i = 0; i < entry.flags_size(); ++i) {
    if (entry.flags(i) != v1::TRACKING_FLAG_DELAYED) {
      mistakes.Add(lines.Line(type, "flags", i),
                   "only TRACKING_FLAG_DELAYED is allowed: the service sets the other flags itself");
    }
    if (!flags.insert(entry.flags(i)).second)
      mistakes.Add(lines.Line(type, "flags", i), "is a duplicate flag: remove it");
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<CodeMaps>> CodeMaps::Parse(const std::vector<MapFile>& files,
                                                          const std::vector<v1::CarrierMap>& mapped) {
  auto maps = std::make_unique<CodeMaps>();
  Mistakes mistakes;
  absl::flat_hash_map<std::string, std::string> places;  // where a key was first seen
  for (const MapFile& file : files) {
    mistakes.SetFile(file.name);
    auto map = std::make_unique<v1::CarrierMap>();
    TextFormat::ParseInfoTree tree;
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&mistakes);
    parser.WriteLocationsTo(&tree);
    if (!parser.ParseFromString(file.text, map.get())) continue;
    if (!IsId(map->carrier())) {
      mistakes.Add(
          -1, "`carrier` is missing or not an id: use 1 to 64 of the characters a-z 0-9 . - _, as in carrier: \"ups\"");
      continue;
    }
    if (!IsClean(map->api_version())) mistakes.Add(-1, "`api_version` must not contain control characters");
    const auto once = [&](const std::string& key, int line, const std::string& what) {
      const auto [place, added] = places.emplace(key, absl::StrCat(file.name, ":", line + 1));
      if (!added) mistakes.Add(line, absl::StrCat(what, " is already at ", place->second, ": remove one of them"));
      return added;
    };
    if (map->carrier() == kAny && map->entries_size() > 0) mistakes.Add(-1, "`any` has text claims only");
    if (map->has_numbers()) maps->numbers_[map->carrier()] = &map->numbers();
    for (int i = 0; i < map->entries_size(); ++i) {
      v1::CarrierMapEntry& entry = *map->mutable_entries(i);
      for (std::string& phrase : *entry.mutable_refuted_by()) phrase = WordsOf(phrase);
      const Lines lines(tree, "entries", i);
      CheckEntry(entry, lines, mistakes);
      const std::string key = Key(map->carrier(), map->api_version(), entry.type(), entry.code(), entry.text());
      if (once(key, lines.Line(), absl::StrCat("type \"", entry.type(), "\" code \"", entry.code(), "\""))) {
        maps->entries_.emplace(key, &entry);
        if (!entry.type().empty() && !entry.code().empty()) {
          maps->typed_[Key(map->carrier(), map->api_version(), "", entry.code(), "")].push_back(&entry);
        }
      }
    }
    for (int i = 0; i < map->text_claims_size(); ++i) {
      v1::CarrierTextClaim& claim = *map->mutable_text_claims(i);
      const Lines lines(tree, "text_claims", i);
      if (claim.phrase().empty()) mistakes.Add(lines.Line(), "this claim has no phrase");
      if (claim.state() == v1::TRACKING_STATE_UNSPECIFIED) mistakes.Add(lines.Line(), "this claim has no state");
      *claim.mutable_phrase() = WordsOf(claim.phrase());
      for (std::string& unless : *claim.mutable_unless()) {
        if (unless.empty()) mistakes.Add(lines.Line(), "an empty `unless` has no effect: remove it");
        unless = WordsOf(unless);
      }
      maps->claims_[map->carrier()].push_back(&claim);
    }
    for (int i = 0; i < map->carrier_names_size(); ++i) {
      const v1::CarrierName& name = map->carrier_names(i);
      const Lines lines(tree, "carrier_names", i);
      if (name.name().empty() || !IsClean(name.name())) mistakes.Add(lines.Line(), "this carrier has no name");
      if (!IsId(name.carrier()))
        mistakes.Add(lines.Line(), "`carrier` is not an id: use 1 to 64 of the characters a-z 0-9 . - _");
      const std::string key = NameKey(map->carrier(), name.name());
      if (once(key, lines.Line(), absl::StrCat("the name \"", name.name(), "\"")))
        maps->names_.emplace(key, name.carrier());
    }
    for (int i = 0; i < map->own_stores_size(); ++i) {
      v1::OwnStore& store = *map->mutable_own_stores(i);
      const Lines lines(tree, "own_stores", i);
      if (!IsId(store.store()))
        mistakes.Add(lines.Line(), "`store` is missing or not an id, as in store: \"store-12\"");
      if (store.facility().empty()) mistakes.Add(lines.Line(), "this store has no `facility`: add the carrier's name");
      *store.mutable_facility() = WordsOf(store.facility());
      maps->own_stores_[map->carrier()].push_back(&store);
    }
    maps->files_.push_back(std::move(map));
  }
  if (!mistakes.empty()) return mistakes.ToStatus();
  for (const v1::CarrierMap& said : mapped) {
    auto map = std::make_unique<v1::CarrierMap>(said);
    for (const v1::CarrierMapEntry& entry : map->entries()) {
      maps->entries_[Key(map->carrier(), map->api_version(), entry.type(), entry.code(), entry.text())] = &entry;
    }
    maps->files_.push_back(std::move(map));
  }
  return maps;
}

absl::StatusOr<std::vector<MapFile>> ReadMapFiles(const std::string& directory) {
  std::error_code error;
  std::vector<MapFile> files;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".textproto") continue;
    std::optional<std::string> content = files::ReadFile(at->path());
    if (!content)
      return absl::NotFoundError(absl::StrCat(at->path().string(), ": cannot be read: check its permissions"));
    files.push_back({at->path().filename().string(), *std::move(content)});
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(directory, ": the carrier maps cannot be read: ", error.message(),
                                            ": name another directory, or none to use the built-in maps"));
  }
  if (files.empty())
    return absl::NotFoundError(absl::StrCat(directory, ": holds no file *.textproto: put the carrier maps there"));
  std::sort(files.begin(), files.end(), [](const MapFile& a, const MapFile& b) { return a.name < b.name; });
  return files;
}

absl::StatusOr<std::unique_ptr<CodeMaps>> CodeMaps::Read(const std::string& directory) {
  const absl::StatusOr<std::vector<MapFile>> files = ReadMapFiles(directory);
  if (!files.ok()) return files.status();
  return Parse(*files);
}

v1::TrackingState CodeMaps::StateElsewhere(std::string_view carrier, const v1::CarrierCode& code,
                                           v1::TrackingState state) const {
  v1::TrackingState other = v1::TRACKING_STATE_UNSPECIFIED;
  for (const std::string_view version : {std::string_view(code.api_version()), std::string_view()}) {
    const auto typed = typed_.find(Key(carrier, version, "", code.code(), ""));
    if (typed == typed_.end()) continue;
    for (const v1::CarrierMapEntry* entry : typed->second) {
      if (entry->state() == state) return v1::TRACKING_STATE_UNSPECIFIED;
      other = entry->state();
    }
  }
  return other;
}

bool CodeMaps::Names(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const {
  return entries_.contains(Key(carrier, code.api_version(), code.type(), code.code(), text));
}

std::string CodeMaps::OwnStoreAt(std::string_view carrier, const v1::Place& place) const {
  if (place.facility().empty()) return "";
  const std::string facility = WordsOf(place.facility());
  for (const std::string_view whose : {carrier, std::string_view(kAny)}) {
    const auto stores = own_stores_.find(std::string(whose));
    if (stores == own_stores_.end()) continue;
    for (const v1::OwnStore* store : stores->second) {
      const bool there = store->postal_code().empty() || store->postal_code() == place.postal_code();
      if (there && store->facility() == facility) return store->store();
    }
  }
  return "";
}

const v1::CarrierMapEntry* CodeMaps::Find(std::string_view carrier, const v1::CarrierCode& code,
                                          std::string_view text) const {
  // Values from outside could contain the separator and so form another key.
  if (!IsClean(carrier) || !IsClean(code.api_version()) || !IsClean(code.type()) || !IsClean(code.code()))
    return nullptr;
  const bool has_type = !code.type().empty(), has_code = !code.code().empty();
  const bool has_text = !text.empty() && IsClean(text);
  const auto find = [&](std::string_view type, std::string_view code_proper,
                        std::string_view exact_text) -> const v1::CarrierMapEntry* {
    auto entry = entries_.find(Key(carrier, code.api_version(), type, code_proper, exact_text));
    if (entry == entries_.end()) entry = entries_.find(Key(carrier, "", type, code_proper, exact_text));
    return entry == entries_.end() ? nullptr : entry->second;
  };
  const v1::CarrierMapEntry* found = nullptr;
  if (has_type && has_code && has_text) found = find(code.type(), code.code(), text);
  if (found == nullptr && has_code && has_text) found = find("", code.code(), text);
  if (found == nullptr && has_type && has_code) found = find(code.type(), code.code(), "");
  if (found == nullptr && has_code) found = find("", code.code(), "");
  if (found == nullptr && has_type) found = find(code.type(), "", "");
  return found;
}

v1::TrackingState CodeMaps::Refutation(std::string_view carrier, const v1::CarrierMapEntry& entry,
                                       v1::TrackingState state, std::string_view text) const {
  if (text.empty()) return v1::TRACKING_STATE_UNSPECIFIED;
  const std::string words = WordsOf(text);
  const auto found = [&](const std::string& phrase) { return HasPhrase(words, phrase); };
  for (const std::string_view whose : {carrier, std::string_view(kAny)}) {
    const auto claims = claims_.find(std::string(whose));
    if (claims == claims_.end()) continue;
    for (const v1::CarrierTextClaim* claim : claims->second) {
      if (!Refutes(*claim, state) || !found(claim->phrase())) continue;
      if (!std::any_of(claim->unless().begin(), claim->unless().end(), found)) return claim->state();
    }
  }
  const bool refuted = std::any_of(entry.refuted_by().begin(), entry.refuted_by().end(), found);
  return refuted ? v1::TRACKING_STATE_UNKNOWN : v1::TRACKING_STATE_UNSPECIFIED;
}

std::string CodeMaps::CarrierId(std::string_view aggregator, std::string_view name) const {
  const auto known = names_.find(NameKey(aggregator, name));
  if (known != names_.end()) return known->second;
  std::string id(name);
  absl::AsciiStrToLower(&id);
  return id;
}

TrackingNumber CodeMaps::Number(std::string_view carrier, std::string_view text) const {
  const auto numbers = numbers_.find(std::string(carrier));
  return ReadNumber(numbers == numbers_.end() ? v1::CarrierNumbers::default_instance() : *numbers->second, text);
}

std::vector<std::string> CodeMaps::CarriersWithMaps() const {
  std::set<std::string> carriers;
  for (const auto& file : files_) {
    if (file->carrier() != kAny) carriers.insert(file->carrier());
  }
  return {carriers.begin(), carriers.end()};
}

}  // namespace throughline::supplier
