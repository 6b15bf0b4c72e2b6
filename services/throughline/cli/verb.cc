#include "services/throughline/cli/verb.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "libs/command_line/usage.h"
#include "libs/server/checks/field_rules.h"
#include "services/throughline/cli/options/fields.h"
#include "services/throughline/cli/shorthand/first_given.h"
#include "services/throughline/cli/shorthand/ids.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/output/times.h"
#include "throughline/common/v1/field_rule.pb.h"

namespace throughline::tool {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kLargestPage = 1000;

// The rows of a list: its first repeated field of messages.
const FieldDescriptor* RowsOf(const Message& response) {
  const auto* type = response.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->is_repeated() && type->field(i)->message_type() != nullptr) return type->field(i);
  }
  return nullptr;
}

std::string Text(const Message& message, const char* field) {
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
  return descriptor == nullptr ? "" : message.GetReflection()->GetString(message, descriptor);
}

// List options: people give several values on one line.
bool IsLongText(const FieldDescriptor& field) {
  return field.options().GetExtension(common::v1::rule).format() == common::v1::FIELD_FORMAT_TEXT;
}

// What a command changed: the ids in its request and response.
void RememberIds(Tool& tool, const Message& request, const Message& response) {
  std::set<std::string> told = {"command_id", "customer_id"};
  for (const Message* message : {&response, &request}) {
    const auto* type = message->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const bool names =
          absl::EndsWith(field->name(), "_id") || field->name() == "shipment" || field->name() == "person";
      if (!names || field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
      const std::string id = message->GetReflection()->GetString(*message, field);
      if (!id.empty() && told.insert(field->name()).second) {
        tool.Done(std::string(absl::StripSuffix(field->name(), "_id")), id);
      }
    }
  }
}

}  // namespace

VerbBase::VerbBase(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
                   const std::string& examples, std::unique_ptr<Message> request)
    : command_(Command(group, name, description, examples)),
      state_(std::make_shared<State>(State{tool, std::move(request)})) {
  tool.filled()[&command_] = state_->filled;
  const auto* type = state_->request->GetDescriptor();
  if (type->FindFieldByName("command_id") != nullptr) state_->filled->push_back({"command_id", "--command-id"});
  if (type->FindFieldByName("consistency_token") != nullptr) {
    Option("--after", "consistency_token",
           "Wait until the service has seen this token, from the JSON of an earlier answer")
        ->type_name("TOKEN");
  }
  if (type->FindFieldByName("resume_from") != nullptr) {
    Option("--resume-from", "resume_from", "Continue after this token, from the JSON of an earlier watch")
        ->type_name("TOKEN");
  }
  if (type->FindFieldByName("page_size") != nullptr) {
    CLI::Option* limit = command_.add_option("--limit", state_->limit, "At most so many; 0: all");
    Fills(limit, {"page_size"});
    limit->check(WholeNumber(0))->type_name("NUMBER")->capture_default_str();
  }
}

void VerbBase::LimitedTo(int items) {
  state_->limit = items;
  command_.get_option("--limit")->capture_default_str();
}

CLI::Option* VerbBase::Argument(const std::string& field, const std::string& description) {
  return Bind(std::string(absl::StripSuffix(field, "_id")), field, description)->required();
}

CLI::Option* VerbBase::TheOpenOne(const std::string& field, const std::string& description) {
  state_->open_ones.insert(field);
  return Bind(std::string(absl::StripSuffix(field, "_id")), field, description + " (default: the one that is open)");
}

CLI::Option* VerbBase::Option(const std::string& name, const std::string& field, const std::string& description) {
  if (DescribeField(*state_->request, field).cpp_type() != FieldDescriptor::CPPTYPE_BOOL) {
    return Bind(name, field, description);
  }
  CLI::Option* flag = command_.add_flag_callback(
      name, [state = state_, field] { SetField(*state->request, field, "true", state->tool.now()).IgnoreError(); },
      description);
  Fills(flag, {field});
  return flag;
}

CLI::Option* VerbBase::Due(const std::string& name, const std::string& field, const std::string& description) {
  CLI::Option* due = Option(
      name, field,
      absl::StrCat(description, ": a time, +2h, or by the calendar: `2 business days`, `4 business hours`, a date"));
  Fills(due, {field + "_in"});
  Option("--calendar", "calendar",
         absl::StrCat("The server's calendar that ", name, " counts by (default: its default one)"));
  return due;
}

void VerbBase::Fills(const CLI::Option* option, const std::vector<std::string>& fields) {
  const std::string name = command_line::ShownName(*option);
  for (const std::string& field : fields) state_->filled->push_back({field, name});
}

CLI::Option* VerbBase::List(const std::string& name, const std::string& field, const std::string& description) {
  return Bind(name, field, description)->delimiter(',');
}

CLI::Option* VerbBase::Bind(const std::string& name, const std::string& field, const std::string& description) {
  const FieldDescriptor& descriptor = DescribeField(*state_->request, field);
  CLI::Option* option = command_.add_option_function<std::vector<std::string>>(
      name,
      [state = state_, field](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          if (DescribeField(*state->request, field).message_type() != nullptr && CountsFromNow(text)) {
            state->from_now.emplace_back(field, text);
          }
          SetField(*state->request, field, text, state->tool.now())
              .IgnoreError();  // errors are reported by the check below
        }
      },
      description);
  Fills(option, {field});
  option->type_name(ValueName(descriptor))->allow_extra_args(false);
  if (!descriptor.is_repeated()) option->expected(1);
  const auto check = [state = state_, field](const std::string& text) {
    const std::unique_ptr<Message> scratch(state->request->New());
    return std::string(SetField(*scratch, field, text, state->tool.now()).message());
  };
  option->check(CLI::Validator(check, ""));
  if (option->get_positional() && HoldsMadeId(descriptor)) {
    option->transform(CLI::Validator([](std::string& text) { return NormalizeId(text); }, ""))->type_name("ID");
  }
  return IsLongText(descriptor) ? BindText(name, descriptor, option) : option;
}

CLI::Option* VerbBase::BindText(const std::string& name, const FieldDescriptor& field, CLI::Option* option) {
  const size_t most = server::MostBytes(field);
  const auto read = [&tool = state_->tool, name, most](std::string& text) {
    auto whole = tool.texts().Read(name, text, most);
    if (!whole.ok()) return std::string(whole.status().message());
    text = *std::move(whole);
    return std::string();
  };
  return option->type_name("TEXT|-|@PATH")->transform(CLI::Validator(read, ""));
}

absl::Status VerbBase::CountFromFirstGiven(State& state, const std::string& command_id) {
  if (state.from_now.empty()) return absl::OkStatus();
  Message& request = *state.request;
  const std::unique_ptr<Message> rest(request.New());
  rest->CopyFrom(request);
  std::string command = absl::StrCat(state.tool.token_file(), "\n", command_id, "\n");
  for (const auto& [field, text] : state.from_now) {
    const Field counted = FindField(*rest, field);
    counted.message->GetReflection()->ClearField(counted.message, counted.descriptor);
    absl::StrAppend(&command, field, "=", text, "\n");
  }
  absl::StrAppend(&command, request.GetDescriptor()->full_name(), " ", rest->DebugString());
  const auto given = FirstGiven(state.tool.data(), command, state.tool.now());
  if (!given.ok()) return given.status();
  for (const auto& [field, text] : state.from_now)
    SetField(request, field, text, *given).IgnoreError();  // was checked when parsed
  return absl::OkStatus();
}

absl::Status VerbBase::Send(State& state, Message& response) {
  Message& request = *state.request;
  if (const auto* field = request.GetDescriptor()->FindFieldByName("command_id")) {
    request.GetReflection()->SetString(&request, field, state.tool.command_id());
    const std::string sent_id = client::EnsureCommandId(request);
    if (absl::Status status = CountFromFirstGiven(state, sent_id); !status.ok()) return status;
    state.tool.set_sent_command_id(sent_id);
  }
  const std::string command_id = Text(request, "command_id");
  absl::Status completed = CompleteIds(state.tool, command_id, request, state.open_ones);
  if (completed.ok() && state.complete != nullptr) completed = state.complete(command_id, request);
  if (!completed.ok()) return NameOptions(completed, *state.filled);
  if (absl::Status status = SendPages(state, response); !status.ok()) return NameOptions(status, *state.filled);
  if (request.GetDescriptor()->FindFieldByName("command_id") != nullptr) RememberIds(state.tool, request, response);
  return absl::OkStatus();
}

absl::Status VerbBase::SendPages(State& state, Message& response) {
  auto client = state.tool.client();
  if (!client.ok()) return client.status();
  Message& request = *state.request;
  const auto* size = request.GetDescriptor()->FindFieldByName("page_size");
  if (size == nullptr) return (*client)->CallInto(request, response);
  const auto* reflection = request.GetReflection();
  const FieldDescriptor* rows = RowsOf(response);
  const std::unique_ptr<Message> page(response.New());
  for (int missing = state.limit;;) {
    reflection->SetInt32(&request, size, state.limit == 0 ? kLargestPage : std::min(missing, kLargestPage));
    if (absl::Status status = (*client)->CallInto(request, *page); !status.ok()) return status;
    // Take everything except the rows from the last page: it is the newest.
    const auto* type = response.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      if (type->field(i) != rows) response.GetReflection()->ClearField(&response, type->field(i));
    }
    response.MergeFrom(*page);
    const std::string next = Text(*page, "next_page_token");
    missing = state.limit - response.GetReflection()->FieldSize(response, rows);
    if (next.empty()) return absl::OkStatus();
    if (state.limit > 0 && missing <= 0) {
      state.tool.Note(absl::StrCat("(there are more: --limit ", state.limit * 10, ", or --limit 0 for all)"));
      return absl::OkStatus();
    }
    reflection->SetString(&request, request.GetDescriptor()->FindFieldByName("page_token"), next);
  }
}

absl::Status VerbBase::Watch(State& state, Message& response, const std::function<bool()>& each) {
  auto client = state.tool.client();
  if (!client.ok()) return client.status();
  if (absl::Status status = CompleteIds(state.tool, "", *state.request); !status.ok()) {
    return NameOptions(status, *state.filled);
  }
  const absl::Duration timeout = state.tool.watch_timeout();
  const auto lost = [&state](const absl::Status& why) {
    state.tool.Note(absl::StrCat("(lost the server; reconnecting: ", why.message(), ")"));
  };
  const absl::Status status =
      NameOptions((*client)->WatchInto(*state.request, response, each, timeout, lost), *state.filled);
  // With an explicit --timeout the end of a watch is expected.
  return absl::IsDeadlineExceeded(status) && timeout != absl::InfiniteDuration() ? absl::OkStatus() : status;
}

}  // namespace throughline::tool
