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

Carriers::Carriers(std::unique_ptr<CodeMaps> maps) : maps_(std::move(maps)) {
  for (const Format& format : supplier::Formats()) {
    adapters_.push_back(std::make_unique<FormatAdapter>(format, *maps_));
  }
}

Carriers::~Carriers() = default;

absl::StatusOr<std::unique_ptr<Carriers>> Carriers::Load(const std::string& directory) {
  absl::StatusOr<std::unique_ptr<CodeMaps>> maps =
      directory.empty() ? CodeMaps::Parse(EmbeddedMapFiles()) : CodeMaps::Read(directory);
  if (!maps.ok()) return maps.status();
  return std::unique_ptr<Carriers>(new Carriers(*std::move(maps)));
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

std::string Carriers::NumberOf(std::string_view carrier, std::string_view number) const {
  TrackingNumber found = maps_->Number(carrier, number);
  return found.problem.empty() ? std::move(found.number) : std::string(number);
}

}  // namespace throughline::supplier
