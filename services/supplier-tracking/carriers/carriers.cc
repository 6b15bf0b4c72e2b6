#include <utility>

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/code_maps.h"
#include "services/supplier-tracking/carriers/formats/draft.h"
#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

absl::StatusOr<Node> ParseTree(Format::Syntax syntax, std::string_view body) {
  switch (syntax) {
    case Format::Syntax::kJson:
      return Node::ParseJson(body);
    case Format::Syntax::kXml:
      return Node::ParseXml(body);
    case Format::Syntax::kX12:
      return Node::ParseX12(body);
  }
  return absl::InternalError("no such syntax");
}

class FormatAdapter : public CarrierAdapter {
 public:
  FormatAdapter(const supplier::Format& format, const CodeMaps& maps) : format_(format), maps_(maps) {}

  std::string_view Format() const override { return format_.name; }
  std::string_view Party() const override { return format_.party; }
  absl::StatusOr<std::vector<ParsedItem>> Parse(std::string_view body) const override {
    absl::StatusOr<Node> root = ParseTree(format_.syntax, body);
    if (!root.ok()) return root.status();
    Payload payload(format_, maps_, *root);
    format_.read(payload);
    if (!payload.problems.ok()) return payload.problems.ToStatus();
    for (ParsedItem& item : payload.items) item.message_id = payload.message_id;
    return std::move(payload.items);
  }

 private:
  const supplier::Format& format_;
  const CodeMaps& maps_;
};

}  // namespace

Carriers::Carriers(std::vector<MapFile> files, std::unique_ptr<CodeMaps> maps)
    : files_(std::move(files)), maps_(std::move(maps)) {
  for (const Format& format : supplier::Formats()) {
    adapters_.push_back(std::make_unique<FormatAdapter>(format, *maps_));
  }
}

Carriers::~Carriers() = default;

absl::StatusOr<std::unique_ptr<Carriers>> Carriers::Load(const std::string& directory,
                                                         const std::vector<v1::CarrierMap>& mapped) {
  absl::StatusOr<std::vector<MapFile>> files = directory.empty() ? EmbeddedMapFiles() : ReadMapFiles(directory);
  if (!files.ok()) return files.status();
  absl::StatusOr<std::unique_ptr<CodeMaps>> maps = CodeMaps::Parse(*files, mapped);
  if (!maps.ok()) return maps.status();
  return std::unique_ptr<Carriers>(new Carriers(*std::move(files), *std::move(maps)));
}

std::unique_ptr<Carriers> Carriers::With(const std::vector<v1::CarrierMap>& mapped) const {
  // The files were in order, and no `mapped` can be wrong.
  return std::unique_ptr<Carriers>(new Carriers(files_, *CodeMaps::Parse(files_, mapped)));
}

const CarrierAdapter* Carriers::Find(std::string_view format) const {
  for (const auto& adapter : adapters_) {
    if (adapter->Format() == format) return adapter.get();
  }
  return nullptr;
}

std::vector<std::string_view> Carriers::Formats() const {
  std::vector<std::string_view> formats;
  for (const auto& adapter : adapters_) formats.push_back(adapter->Format());
  return formats;
}

std::vector<std::string> Carriers::CarriersWithMaps() const { return maps_->CarriersWithMaps(); }

Judgement Carriers::Judge(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const {
  return JudgeCode(*maps_, carrier, code, text);
}

Judgement Carriers::JudgeState(std::string_view carrier, const v1::StatusMeaning& meaning,
                               std::string_view text) const {
  return JudgeMeaning(*maps_, carrier, meaning, text);
}

bool Carriers::Names(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const {
  return maps_->Names(carrier, code, text);
}

std::string Carriers::OwnStoreAt(std::string_view carrier, const v1::Place& place) const {
  return maps_->OwnStoreAt(carrier, place);
}

std::string Carriers::NumberOf(std::string_view carrier, std::string_view number) const {
  TrackingNumber found = maps_->Number(carrier, number);
  return found.problem.empty() ? std::move(found.number) : std::string(number);
}

}  // namespace throughline::supplier
