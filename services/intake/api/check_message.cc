// CheckMessage: pure, no stream and no rows.

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/reads/executor.h"
#include "services/intake/api/api.h"
#include "services/intake/messages/message_rules.h"
#include "throughline/intake/v1/message_check.pb.h"

namespace throughline::intake {
namespace {

using server::Context;
using server::Reply;

v1::CheckMessageResponse Judge(const MessageRules& rules, const std::string& text) {
  v1::CheckMessageResponse response;
  for (const Finding& found : rules.Check(text)) {
    auto& finding = *response.add_findings();
    finding.set_begin(found.begin);
    finding.set_end(found.end);
    finding.set_phrase(text.substr(found.begin, found.end - found.begin));
    finding.set_sentence(text.substr(found.sentence_begin, found.sentence_end - found.sentence_begin));
    finding.set_sentence_begin(found.sentence_begin);
    finding.set_rule_id(found.rule->id);
    finding.set_problem(found.rule->problem);
    finding.set_say_instead(found.rule->say);
  }
  return response;
}

}  // namespace

void AddCheckMessage(server::Api& api, const Config& config, std::shared_ptr<runtime::Executor> thread) {
  api.Unary<v1::CheckMessageRequest, v1::CheckMessageResponse>(
      "CheckMessage", [thread, own = config.message_rules](const Context&, v1::CheckMessageRequest request,
                                                           Reply<v1::CheckMessageResponse> reply) {
        runtime::FieldViolations bad;
        runtime::RequireField(bad, "text", request.text(), "give the message that is to be checked");
        if (!bad.empty()) return reply(bad.ToStatus());
        thread->Run([own, text = std::move(*request.mutable_text()), reply] {
          if (reply.context().over()) return;
          reply(Judge(own == nullptr ? *MessageRules::Shipped() : *own, text));
        });
      });
}

}  // namespace throughline::intake
