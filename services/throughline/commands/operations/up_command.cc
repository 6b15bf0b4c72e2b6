#include "absl/strings/str_cat.h"

#include "libs/calendar/calendars_file.h"
#include "libs/command_line/address.h"
#include "services/edge/http/cors.h"
#include "services/edge/webhooks/endpoints.h"
#include "services/intake/departments/routes_file.h"
#include "services/intake/messages/rules_file.h"
#include "services/ownership/authority/policy_file.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/operations/up_options.h"
#include "services/throughline/output/times.h"
#include "services/throughline/up.h"

namespace throughline::tool {
namespace {

constexpr int kHttpPort = 8080;

// A customer's silence: a period, or by the calendar.
void AddSilence(CLI::App& up, const std::string& name, const std::string& by_default, absl::Duration least,
                const std::string& description, std::function<void(const std::optional<calendar::Due>& silence)> take) {
  up.add_option(name, description)
      ->type_name("PERIOD|WORDS")
      ->default_str(by_default)
      ->check([take = std::move(take), least](const std::string& text) -> std::string {
        const auto silence = ownership::ReadSilence(text, least);
        if (silence.ok()) take(*silence);
        return std::string(silence.status().message());
      });
}

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kYear = absl::Hours(24 * 366);

// The settings of intake's and ownership's rules, as those of their programs.
void AddCaseRules(CLI::App& up, intake::Config& intake, ownership::Config& ownership) {
  ownership::Periods& periods = ownership.periods;
  up.add_option(
        "--assignment-policy",
        "To which available rep a case goes that nobody took: the one with the fewest open cases, or the one to "
        "whom no case was given for the longest time")
      ->type_name("POLICY")
      ->default_str("least-load")
      ->check(OneOf({"least-load", "round-robin"}))
      ->each([&intake](const std::string& policy) {
        intake.assignment_policy =
            policy == "round-robin" ? intake::AssignmentPolicy::kRoundRobin : intake::AssignmentPolicy::kLeastLoad;
      });
  up.add_option("--repeated-contact", intake.repeated_contact,
                "The interaction of the customer that raises repeated contact; the opening counts as the first")
      ->capture_default_str()
      ->check(WholeNumber(2, 1000));
  AddPeriod(
      up, "--reopen-within", intake.reopen_within, absl::ZeroDuration(), absl::Hours(24 * 3660),
      "What a customer says on a case that was closed longer ago opens a new case that continues it; 0s: it always "
      "reopens the case itself");
  AddPeriod(up, "--next-update-within", intake.next_update_within, kMinute, kYear,
            "By when a customer hears from us next, if nothing else was said to them");
  AddPeriod(up, "--reply-within", periods.reply_within, kMinute, kYear,
            "Until when the owner answers what a customer said");
  AddPeriod(up, "--handoff-expiry", ownership.handoff_expiry, kMinute, ownership::Ownership::kMaxHandoffExpiry,
            "Expiry of an offer of a case without an expiry of its own");
  AddSilence(up, "--close-unanswered-after", "168h", absl::ZeroDuration(),
             "When a case is closed unconfirmed if the customer does not answer a proposed resolution: a period, or by "
             "the calendar, as `5 business days`; 0s: never",
             [&ownership](const auto& after) { ownership.silence.closes_after = after; });
  AddSilence(up, "--closing-announced-before", "24h", kMinute,
             "How long before that the owner is asked to tell the customer: likewise",
             [&ownership](const auto& before) { ownership.silence.announced_before = *before; });
  up.add_option(
        "--silence-calendar", ownership.silence.calendar,
        "The calendar by which a customer's silence counts if their own is not known (default: the default one)")
      ->type_name("NAME");
  ownership::EscalationPolicy& escalation = ownership.escalation;
  up.add_option(
        "--escalation-acknowledge-within",
        "How long each level has to acknowledge an escalation before it climbs, from the first on, by the default "
        "calendar; the last one holds for all above it, too")
      ->type_name("PERIODS")
      ->default_str(ownership::kAcknowledgeWithin)
      ->check([&escalation](const std::string& text) {
        auto levels = ownership::ParseLevels(text);
        if (levels.ok()) escalation.acknowledge_within = *levels;
        return std::string(levels.status().message());
      });
  up.add_option("--escalation-decide-within",
                "How long whoever acknowledged an escalation has to decide, by the default calendar")
      ->type_name("PERIOD")
      ->default_str(ownership::kDecideWithin)
      ->check([&escalation](const std::string& text) {
        auto period = ownership::ParsePeriodInWords(text);
        if (period.ok()) escalation.decide_within = *period;
        return std::string(period.status().message());
      });
  up.add_option("--escalate-after-broken", escalation.after_broken,
                "So many broken commitments about a case escalate it; 0: never")
      ->capture_default_str()
      ->check(WholeNumber(0, 1000));
}

// The settings of suggestions and improvements, as those of intake's program.
void AddLearningRules(CLI::App& up, intake::Config& rules) {
  AddPeriod(up, "--suggestion-answer-within", rules.suggestion_answer_within, kMinute, kYear,
            "By when a suggestion is answered, unless its recording says so");
  up.add_option("--recurrence-threshold", rules.recurrence_threshold,
                "So many cases about one component within --recurrence-window open an improvement; 0: none")
      ->capture_default_str()
      ->check(WholeNumber(0, 1'000'000));
  AddPeriod(up, "--recurrence-window", rules.recurrence_window, absl::Seconds(1), kYear, "See --recurrence-threshold");
  AddPeriod(up, "--improvement-answer-within", rules.improvement_answer_within, absl::Seconds(1), kYear,
            "By when a team answers an improvement with a change");
  AddPeriod(up, "--improvement-measured-for", rules.improvement_measured_for, absl::Seconds(1), kYear,
            "For how long the effect of a change is measured");
  up.add_option(
        "--improvement-closing-percent", rules.improvement_closing_percent,
        "An improvement ends if the rate in that time was below this share of the rate with which it was opened")
      ->capture_default_str()
      ->check(WholeNumber(1, 100));
  up.add_option(
        "--departments",
        "Which team answers which suggestions and improvements: a TOML file (default: a supervisor does, unless a "
        "team is named)")
      ->type_name("FILE")
      ->check([&rules](const std::string& path) {
        auto routes = intake::ReadRoutes(path);
        if (routes.ok()) rules.departments = std::make_shared<const intake::Routes>(*std::move(routes));
        return std::string(routes.status().message());
      });
}

// The settings of credentials besides the file of tokens, and of the audit, as those of the programs.
void AddSecurity(CLI::App& up, Suite::Options& suite, CLI::Option* cert, CLI::Option* client_ca) {
  identity::AuthenticatorOptions& from = suite.authentication;
  up.add_option("--tls-identities", from.certificates,
                "Which client certificate stands for whom, by URI or subject: a TOML file, read again when it changes")
      ->type_name("FILE")
      ->needs(client_ca)
      ->check(
          [](const std::string& path) { return std::string(identity::ReadCertificateMap(path).status().message()); });
  auto* keys =
      up.add_option("--jwt-keys", from.jwt_keys,
                    "The keys of the issuer whose JWTs (RS256, ES256) are taken: a JSON Web Key Set, or a "
                    "directory of them (*.json), read again when they change")
          ->type_name("PATH")
          ->check([](const std::string& path) { return std::string(identity::ReadKeySet(path).status().message()); });
  auto* issuer = up.add_option("--jwt-issuer", from.jwt.issuer, "What the claim iss must say")->needs(keys);
  auto* audience = up.add_option("--jwt-audience", from.jwt.audience, "What the claim aud must name")->needs(keys);
  keys->needs(issuer)->needs(audience);
  AddPeriod(up, "--jwt-leeway", from.jwt.leeway, absl::ZeroDuration(), absl::Minutes(5),
            "How far the issuer's clock may be from ours");
  up.add_option("--jwt-person-claim", from.jwt.person_claim,
                "The claim that names the actor: 1 to 63 of a-z, 0-9, `.` and `-`; dots lead into an object")
      ->capture_default_str();
  up.add_option("--jwt-role-claim", from.jwt.role_claim, "The claim with the role, or a list of roles")
      ->capture_default_str();
  up.add_option("--jwt-party-claim", from.jwt.party_claim, "The claim with a partner's carrier or vendor id")
      ->capture_default_str();
  up.add_option("--jwt-team-claim", from.jwt.team_claim, "The claim with the team of a rep or supervisor")
      ->capture_default_str();
  up.add_option("--jwt-roles",
                "What the values of the role claim mean: VALUE=ROLE,VALUE=ROLE (default: they are our own names)")
      ->check([&from](const std::string& text) {
        auto roles = identity::ParseRoleMap(text);
        if (roles.ok()) from.jwt.roles = *roles;
        return std::string(roles.status().message());
      });
  up.add_option("--reps-read",
                "Which cases and orders a rep may read: all, or those that they or somebody of their team owns")
      ->default_str("all")
      ->check(OneOf({"all", "team"}))
      ->each([&suite](const std::string& which) { suite.reps_read = ownership::ParseRepsRead(which); });
  up.add_flag("--metrics-tls", suite.metrics_tls, "The operations port serves TLS, with --tls-cert and --tls-key")
      ->needs(cert);
  up.add_option(
        "--metrics-tokens", suite.metrics_tokens,
        "A file with a token per line: /metrics asks for one of them (Authorization: Bearer); read again when it "
        "changes")
      ->type_name("FILE")
      ->check(ReadableFile());
  up.add_option("--audit-dir", suite.audit.directory,
                "Where it is recorded who read what customers said (default: audit in the data directory)")
      ->type_name("DIR");
  up.add_option("--audit-file-mib", "Size of one file of the audit, MiB")
      ->default_str("64")
      ->check(WholeNumber(1, 4096))
      ->each([&suite](const std::string& mib) { suite.audit.file_bytes = std::stoull(mib) << 20; });
  up.add_option("--audit-keep", suite.audit.keep, "How many full files of the audit are kept; older ones are deleted")
      ->capture_default_str()
      ->check(WholeNumber(1, 100'000));
  up.add_flag("--audit-required", suite.audit.required,
              "Refuse a read of what customers said if it cannot be recorded");
}

}  // namespace

void AddUp(CLI::App& app, Tool& tool) {
  CLI::App& up = Command(app, "up", "Runs all services in this process, on a log in the data directory.",
                         "throughline up\nthroughline --data /var/lib/throughline up --port 7070 --metrics-port 9470");
  auto options = std::make_shared<UpOptions>();
  Suite::Options& suite = options->suite;
  suite.port = 7070;
  suite.metrics_port = 9470;
  options->log.level = "warning";  // somebody works in the same terminal; a service logs each request
  auto cache_mib = std::make_shared<int>(128);
  auto grace_seconds = std::make_shared<int>(10);
  up.add_option("--host", suite.host, "Address to listen on; one other than loopback needs TLS, or --insecure")
      ->capture_default_str()
      ->check([](const std::string& text) { return std::string(command_line::CheckListenHost(text).message()); });
  up.add_flag("--insecure", suite.server.insecure, "Allow any host without TLS; use it where something else encrypts");
  up.add_option("--port", suite.port, "gRPC port; 0: any free one, written to <data>/endpoint")
      ->capture_default_str()
      ->check(WholeNumber(0, 65535));
  auto http_port = std::make_shared<std::optional<int>>();
  up.add_option("--http-port", *http_port,
                "Port of the services as JSON over HTTP, with their description at /docs; 0: any free one, -1: none "
                "(default: 8080; with --port 0 any free one)")
      ->check(WholeNumber(-1, 65535));
  up.add_option("--http-origins", options->origins,
                "Whose pages in browsers may call, as https://shop.example,https://desk.example (default: none)")
      ->type_name("ORIGINS")
      ->delimiter(',')
      ->check([](const std::string& text) {
        return edge::http::IsOrigin(text) ? std::string()
                                          : "is not an origin: write it as https://shop.example, in lower case, "
                                            "without a path and without wildcards";
      });
  up.add_flag("!--no-public-pages", options->public_pages,
              "Do not show the notices to everybody at /notices of the HTTP port");
  up.add_option("--public-title", options->public_site.title, "Whose public pages they are: their header")
      ->capture_default_str();
  up.add_option("--public-url", options->public_site.url,
                "Where the public reaches the public pages, as https://status.example: stands in feeds (default: where "
                "they are served)")
      ->type_name("URL")
      ->check([](const std::string& text) {
        return edge::http::IsOrigin(text) ? std::string()
                                          : "write it as https://status.example, in lower case and without a path";
      });
  up.add_option("--webhooks", options->webhooks,
                "TOML file of the addresses that carriers push to (services/edge/README.md); it and the secrets beside "
                "it are read again when they change (default: none)")
      ->type_name("FILE")
      ->check([](const std::string& path) { return std::string(edge::ReadEndpoints(path).status().message()); });
  up.add_option(
        "--metrics-host", suite.metrics_host,
        "Address of the operations port, which asks for no credential but --metrics-tokens (default: as --host)")
      ->check([](const std::string& text) {
        return std::string(command_line::CheckListenHost(text, "--metrics-port").message());
      });
  up.add_option("--metrics-port", suite.metrics_port,
                "The operations port, HTTP: metrics and probes (/livez, /startupz, /readyz); 0: any free one, -1: none")
      ->capture_default_str()
      ->check(WholeNumber(-1, 65535));
  up.add_option("--partitions", suite.partitions, "Partitions per topic; fixed when the log is created")
      ->capture_default_str()
      ->check(WholeNumber(1, 1024));
  up.add_option("--cache-mib", *cache_mib,
                "Block cache of the stores, MiB: 60 for each million cases; the process takes about 320 MiB more")
      ->capture_default_str()
      ->check(WholeNumber(8, 1 << 20));
  up.add_option(
        "--fallback-owner", suite.fallback_owner,
        "Owns a case when no rep and no supervisor is available, and stands above whom no supervisor stands above")
      ->capture_default_str();
  up.add_option("--carrier-maps", suite.supplier.carrier_maps,
                "Folder of the carriers' maps (default: those built into the program)")
      ->type_name("FOLDER")
      ->check(CLI::ExistingDirectory);
  up.add_option("--customer-contact", suite.supplier.customer_contact,
                "How customers reach us about an order, as they read it: a telephone number, an address")
      ->type_name("TEXT");
  AddCaseRules(up, suite.intake, suite.ownership);
  AddLearningRules(up, suite.intake);
  AddWatching(up, suite.supplier);
  up.add_option("--calendars",
                "Business calendars, which due times in words count by: a TOML file (default: one, open at all times)")
      ->type_name("FILE")
      ->check([&suite](const std::string& path) {
        auto read = calendar::ReadCalendars(path);
        if (read.ok()) suite.calendars = *std::move(read);
        return std::string(read.status().message());
      });
  // After the calendars, one of which it may name.
  up.add_option("--authority-policy",
                "How much anybody may grant without asking, and who decides by when: a TOML file (default: the shipped "
                "policy)")
      ->type_name("FILE")
      ->check([&suite](const std::string& path) {
        auto read = ownership::ReadPolicy(path, suite.ownership.calendars);
        if (read.ok()) suite.ownership.policy = *std::move(read);
        return std::string(read.status().message());
      });
  up.add_option("--message-rules",
                "Phrases that push a problem away, on top of the shipped ones, for check-message: a TOML file")
      ->type_name("FILE")
      ->check([&suite](const std::string& path) {
        auto own = intake::ReadOwnMessageRules(path);
        if (own.ok()) suite.intake.message_rules = *std::move(own);
        return std::string(own.status().message());
      });
  const auto complete = AddDelivery(up, suite.delivery);
  up.add_option("--max-commands", suite.engine.commands.in_flight, "Commands in flight per service; more are refused")
      ->capture_default_str()
      ->check(WholeNumber(1, 1'000'000));
  up.add_option("--max-connections", suite.server.max_connections,
                "Connections to the gRPC port; more are closed at once; lower if there are too few descriptors")
      ->capture_default_str()
      ->check(WholeNumber(1, 1'000'000));
  up.add_option("--max-streams", suite.server.max_streams, "Open streams; more are refused")
      ->capture_default_str()
      ->check(WholeNumber(1, 1'000'000));
  server::QuotaOptions& quota = suite.server.quota;
  up.add_option("--identity-calls", quota.calls, "Calls in flight per credential name; more are refused")
      ->capture_default_str()
      ->check(WholeNumber(1, 1'000'000));
  up.add_option("--identity-streams", quota.streams, "Open streams per credential name; more are refused")
      ->capture_default_str()
      ->check(WholeNumber(1, 1'000'000));
  up.add_option("--identity-events", quota.events_per_second,
                "Events per second per credential name: pushed events, events of a payload, and calls of partners; "
                "more are refused with a delay")
      ->capture_default_str()
      ->check(WholeNumber(1, 100'000'000));
  up.add_option("--grace", *grace_seconds, "Seconds that calls in flight may run on at shutdown")
      ->capture_default_str()
      ->check(WholeNumber(0, 600));
  using Plan = process::BackupPlan;
  auto backup_every = std::make_shared<std::string>("1h");
  up.add_option("--backup-dir", suite.backups.directory,
                "Directory for backups of the log, best on another disk (default: no backups)")
      ->type_name("DIR");
  up.add_option("--backup-every", *backup_every,
                "How often a backup is taken; if the log is lost, newer records are lost")
      ->type_name("PERIOD")
      ->capture_default_str()
      ->check([](const std::string& text) -> std::string {
        const auto period = ParsePeriod(text);
        if (!period.ok()) return std::string(period.status().message());
        if (*period >= Plan::kLeastEvery && *period <= Plan::kMostEvery) return "";
        return absl::StrCat("is not from ", absl::FormatDuration(Plan::kLeastEvery), " to ",
                            absl::FormatDuration(Plan::kMostEvery));
      });
  up.add_option("--backup-keep", suite.backups.keep, "How many backups are kept")
      ->capture_default_str()
      ->check(WholeNumber(1, Plan::kMostKeep));
  auto tls = std::make_shared<server::TlsOptions>();
  auto* cert = up.add_option("--tls-cert", tls->certificate_file, "PEM file; with --tls-key, serves TLS")
                   ->type_name("FILE")
                   ->check(ReadableFile());
  auto* key = up.add_option("--tls-key", tls->key_file, "PEM file")->type_name("FILE")->check(ReadableFile());
  cert->needs(key);
  key->needs(cert);
  auto* client_ca =
      up.add_option("--tls-client-ca", tls->client_ca_file, "PEM file; clients must then show a certificate of this CA")
          ->type_name("FILE")
          ->check(ReadableFile())
          ->needs(cert);
  AddSecurity(up, suite, cert, client_ca);
  up.add_option("--log-format", options->log.format, "text or json")
      ->capture_default_str()
      ->check(OneOf({"text", "json"}));
  up.add_option("--log-level", options->log.level, "debug, info, warning or error")
      ->capture_default_str()
      ->check(OneOf({"debug", "info", "warning", "error"}));
  process::TracingOptions& tracing = suite.tracing;
  up.add_option("--tracing-endpoint", tracing.endpoint,
                "An OpenTelemetry collector that gets spans by OTLP over gRPC, host:4317 (default: no spans)")
      ->type_name("HOST:PORT")
      ->check([](const std::string& text) {
        return std::string(command_line::ParseHostPort(text, 4317).status().message());
      });
  up.add_option("--tracing-ca", tracing.ca_file, "PEM file; the collector's certificate must be of this CA")
      ->type_name("FILE")
      ->check(ReadableFile());
  up.add_option("--tracing-one-in", tracing.one_in,
                "One of so many requests that come without a trace is traced; those with one follow it")
      ->capture_default_str()
      ->check(WholeNumber(1, 1'000'000));
  tool.Does(up, [&tool, options, tls, http_port, cache_mib, backup_every, grace_seconds, complete]() -> absl::Status {
    options->suite.data = tool.data();
    if (absl::Status status = complete(); !status.ok()) return status;
    const absl::Status fits = ownership::CheckSilence(options->suite.ownership.silence, options->suite.calendars);
    if (!fits.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--close-unanswered-after, --closing-announced-before or --silence-calendar: ", fits.message()));
    }
    options->http_port = http_port->value_or(options->suite.port == 0 ? 0 : kHttpPort);
    // One setting for both: what the opening says, and what holds from then on.
    options->suite.ownership.periods.next_update_within = options->suite.intake.next_update_within;
    options->suite.cache_bytes = static_cast<size_t>(*cache_mib) << 20;
    options->suite.backups.every = *ParsePeriod(*backup_every);
    options->grace = absl::Seconds(*grace_seconds);
    if (!tls->certificate_file.empty()) options->suite.server.tls = *tls;
    tool.set_exit_code(RunUp(*options));
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
