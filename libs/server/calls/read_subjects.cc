#include "libs/server/calls/read_subjects.h"

namespace throughline::server {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

bool IsText(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field.is_repeated();
}

}  // namespace

ReadSubjects::ReadSubjects(const Descriptor& request, const Descriptor& response) {
  Learn(request);
  Learn(response);
}

bool ReadSubjects::Learn(const Descriptor& type) {
  const auto [known, is_new] = fields_.try_emplace(&type);
  if (!is_new) return !known->second.learnt || known->second.case_id != nullptr || !known->second.inner.empty();
  Fields fields{.learnt = true};
  const FieldDescriptor* const id = type.FindFieldByName("case_id");
  if (id != nullptr && IsText(*id)) fields.case_id = id;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.message_type() != nullptr && !field.is_map() && Learn(*field.message_type())) {
      fields.inner.push_back(&field);
    }
  }
  const bool any = fields.case_id != nullptr || !fields.inner.empty();
  fields_[&type] = std::move(fields);
  return any;
}

void ReadSubjects::AddCases(const Message& message, std::set<std::string>& cases) const {
  const auto it = fields_.find(message.GetDescriptor());
  if (it == fields_.end()) return;
  const auto& reflection = *message.GetReflection();
  if (it->second.case_id != nullptr) {
    std::string id = reflection.GetString(message, it->second.case_id);
    if (!id.empty()) cases.insert(std::move(id));
  }
  for (const FieldDescriptor* field : it->second.inner) {
    if (!field->is_repeated()) {
      if (reflection.HasField(message, field)) AddCases(reflection.GetMessage(message, field), cases);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      AddCases(reflection.GetRepeatedMessage(message, field, i), cases);
    }
  }
}

std::string IdIn(const Message& request, const char* name) {
  const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && IsText(*field) ? request.GetReflection()->GetString(request, field) : std::string();
}

}  // namespace throughline::server
