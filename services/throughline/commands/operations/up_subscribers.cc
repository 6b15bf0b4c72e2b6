// The options of `throughline up` about subscribers, as the settings of outage-notice's program.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "services/throughline/cli/options/input_file.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/operations/up_options.h"

namespace throughline::tool {

std::function<absl::Status()> AddDelivery(CLI::App& up, outage::DeliveryConfig& delivery) {
  const auto files = std::make_shared<outage::DeliveryFiles>();
  const auto file = [&up](const std::string& name, std::string& path, const std::string& description) {
    up.add_option(name, path, description)->type_name("FILE")->check(ReadableFile());
  };
  file(
      "--subscribers-key", files->key,
      "A file of at least 32 random bytes, never replaced: subscribers' ids follow from it (default: subscriber-key in "
      "the data directory, made at the first start)");
  file("--subscribers-signing-keys", files->signing_keys,
       "A file of one or two keys, a line each, that is read again when it changes: links and the secrets of webhooks "
       "follow from the first, and those of the second are accepted (default: from --subscribers-key)");
  up.add_option("--subscribers-site", delivery.site,
                "Where the links in messages and feeds lead, as https://status.example.com; mail needs it")
      ->type_name("URL");
  const absl::Duration kDay = absl::Hours(24);
  AddPeriod(up, "--subscribers-confirm-within", delivery.rules.confirm_within, absl::Minutes(1), 30 * kDay,
            "By when an address that was subscribed says that it wants to hear");
  AddPeriod(up, "--subscribers-timeout", delivery.timeout, absl::Seconds(1), absl::Minutes(5),
            "How long one attempt to send a message may take");
  AddPeriod(up, "--subscribers-retry-after", delivery.rules.retry_after, absl::Seconds(1), absl::Hours(8),
            "When a message that could not be sent is tried again; after each failure three times as long, at most 8h");
  AddPeriod(up, "--subscribers-give-up-after", delivery.rules.give_up_after, absl::Minutes(1), 30 * kDay,
            "When a message that could not be sent is a dead letter");
  outage::SmtpConfig& smtp = delivery.smtp;
  up.add_option("--smtp-url", smtp.url,
                "The mail server, as smtp://mail.example.com:587 or smtps://mail.example.com:465 (default: no mail is "
                "sent)")
      ->type_name("URL");
  up.add_option("--smtp-from", smtp.from, "The address that mails come from")->type_name("ADDRESS");
  up.add_option("--smtp-from-name", smtp.from_name, "What is shown of it")->type_name("NAME");
  up.add_option("--smtp-tls", smtp.tls,
                "With smtp://: whether STARTTLS is required, used if the server offers it, or not used")
      ->capture_default_str()
      ->check(OneOf({"required", "offered", "none"}));
  file("--smtp-ca", smtp.ca_file, "A PEM file of authorities that the mail server's certificate may be of");
  up.add_option("--smtp-user", smtp.user, "The login at the mail server")->type_name("NAME");
  file("--smtp-password-file", files->smtp_password, "A file that holds its password");
  up.add_option("--smtp-helo", smtp.helo, "The name by which we greet the mail server (default: this machine's)")
      ->type_name("NAME");
  up.add_flag("--webhooks-allow-private", delivery.webhooks.allow_private,
              "Call webhooks at private, link-local and loopback addresses, too");
  up.add_flag("--webhooks-allow-http", delivery.webhooks.allow_http, "Call webhooks without TLS, too");
  file("--webhooks-ca", delivery.webhooks.ca_file, "A PEM file of authorities that webhooks' certificates may be of");
  AddPeriod(up, "--webhooks-secret-overlap", delivery.rules.secret_overlap, absl::Minutes(1), 30 * kDay,
            "For how long webhooks are signed by the secret of before, too");
  return [files, &delivery]() -> absl::Status {
    const auto problems = outage::CompleteDelivery(delivery, *files);
    if (problems.empty()) return absl::OkStatus();
    const std::string option = "--" + absl::StrReplaceAll(problems.front().first, {{".", "-"}});
    return absl::InvalidArgumentError(absl::StrCat(option, ": ", problems.front().second));
  };
}

}  // namespace throughline::tool
