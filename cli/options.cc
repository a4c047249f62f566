#include "cli/options.h"

namespace dmigate::cli {
namespace {

constexpr std::string_view kSourceHelp =
    "the unit's table: a dump, RSMB, bare or evidence file, a folder with smbios_entry_point and DMI,"
    " or - for standard input; without it, this machine";

void add_station_options(CLI::App& app, Raw& raw) {
  app.add_option("--config", raw.config, "station.yaml: what this station always says")
      ->envname("DMIGATE_CONFIG");
  app.add_option("--registry", raw.registry,
                 "PATH or postgresql://USER@HOST/DATABASE of the registry, or none")
      ->envname("DMIGATE_REGISTRY");
  app.add_option("--station", raw.station, "name of this station (default: the host's)")
      ->envname("DMIGATE_STATION");
  app.add_option("--line", raw.line, "name of the line")->envname("DMIGATE_LINE");
  app.add_option("--operator", raw.operator_name, "who works here")->envname("DMIGATE_OPERATOR");
}

// What is told of a unit and cannot be read from it.
void add_given_options(CLI::App& app, Raw& raw) {
  app.add_option("--system-disk", raw.system_disk,
                 "name of the system's disk, such as nvme0n1, where the unit has several");
  app.add_option("--wmi", raw.wmi_file, "file with what WMI answered on this unit (docs/evidence.md)");
  auto* reference = app.add_option("--reference", raw.reference,
                                   "what another clock says now, such as 2026-11-20T05:00:00Z");
  app.add_option("--reference-from", raw.reference_from, "whose clock that is, such as ntp or database")
      ->needs(reference);
}

void add_notify_options(CLI::App& app, Raw& raw) {
  app.add_option("--notify", raw.notify,
                 "COMMAND or http:// address that is told of the start and end of each recorded call")
      ->envname("DMIGATE_NOTIFY");
  app.add_option("--spool", raw.spool, "folder where events wait until they are delivered")
      ->envname("DMIGATE_SPOOL");
}

void add_unit_options(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  app.add_option("--stage", raw.stage,
                 "incoming, pre-burn, post-burn, pre-image, post-image or ship; the verdict is recorded");
  app.add_option("--profile", raw.profile,
                 "the model's profile, by name or file (default: found by label or `match`)");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_option("--unit", raw.unit, "the scanned label: the serial on the outside of the case");
  app.add_option("--id", raw.identifiers, "NAME=VALUE of another scanned number; may be given several times");
  app.add_option(
      "--evidence", raw.evidence,
      "evidence file that goes with SOURCE, or stands for it; or a hardware inventory of the OA3 tool");
  add_given_options(app, raw);
  app.add_option("--work-order", raw.work_order, "work order")->envname("DMIGATE_WORK_ORDER");
  app.add_option("--lot", raw.lot, "lot")->envname("DMIGATE_LOT");
  app.add_option("--shift", raw.shift, "shift")->envname("DMIGATE_SHIFT");
  add_notify_options(app, raw);
  app.add_flag("--json", raw.json, "one JSON object (dmigate.verdict/1) instead of text");
}

void add_check(CLI::App& app, Raw& raw) {
  add_unit_options(app, raw);
  app.add_flag("--dry-run", raw.dry_run, "record nothing; does not go with --stage");
  app.add_option("--purpose", raw.purpose,
                 "golden: a unit that is there to try the station; recorded, claims nothing, opens nothing")
      ->check(CLI::IsMember({"golden"}));
  app.add_option(
      "--permit", raw.permit,
      "FILE, or - for standard output, for a permit on PASS: by it another machine or program may start "
      "what this stage holds back");
  app.add_option("--permit-key", raw.permit_key, "secret key that signs it (permit keygen makes one)")
      ->envname("DMIGATE_PERMIT_KEY");
  app.add_option("--permit-lifetime", raw.permit_lifetime, "how long it is good, such as 90s (default 10m)");
}

void add_burn(CLI::App& app, Raw& raw) {
  add_unit_options(app, raw);
  app.add_option("--set", raw.set, "KEYWORD=VALUE to burn; may be given several times");
  app.add_option("--order", raw.order,
                 "work order with the values of this unit: YAML or JSON, or the CSV of a lot");
  app.add_option("--tool", raw.tool, "burn tool (default: the profile's)");
  app.add_flag("--plan", raw.plan, "check everything and print what would be run; burn and record nothing");
  app.add_option("--timeout", raw.timeout, "how long the tool may take, such as 90s (default 5m)");
}

void add_run(CLI::App& app, Raw& raw) {
  add_unit_options(app, raw);
  app.add_option("--timeout", raw.timeout, "how long the command may take, such as 1h (default 30m)");
}

void add_audit(CLI::App& app, Raw& raw) {
  app.add_option(
         "PATH", raw.operands,
         "dumps of any form that check reads, folders and archives of them, or - for a list of paths on "
         "standard input")
      ->required();
  add_station_options(app, raw);
  app.add_option("--profile", raw.profile,
                 "the profile of every unit, by name or file (default: found by `match`)");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_flag("--claim", raw.audit.claim,
               "units that the registry does not know are known from then on, with their values");
  app.add_option("--scope", raw.scope, "table: rules on hardware are not asked")
      ->check(CLI::IsMember({"table"}));
  app.add_option("--jobs", raw.audit.jobs, "how many workers (default: one for each processor)")
      ->check(CLI::Range(1, 256));
  app.add_option("--csv", raw.audit.csv, "file for a line of each unit, as spreadsheets read it");
  app.add_option("--jsonl", raw.audit.jsonl, "file for a JSON object (dmigate.audit/1) of each unit");
  app.add_option("--html", raw.audit.html, "file for a page with tables and charts");
}

void add_show(CLI::App& app, Raw& raw) {
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  auto* types =
      app.add_option("--type,-t", raw.types, "only structures of this type; may be given several times")
          ->check(CLI::Range(0, 255));
  app.add_flag("--wmi", raw.wmi, "what WMI's classes would answer from this table")->excludes(types);
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_dump(CLI::App& app, Raw& raw) {
  app.add_option("FILE", raw.operand, "where to write it; an existing file is not overwritten")->required();
}

void add_evidence(CLI::App& app, Raw& raw) {
  app.add_option("FILE", raw.operand,
                 "where to write it (default: standard output); an existing file is not overwritten");
  add_given_options(app, raw);
}

void add_code(CLI::App& app, Raw& raw) {
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  app.add_option(
      "--compare", raw.compare,
      "a CODE that was read out: which fields differ. A SOURCE is how the unit was and the code how "
      "it is; with --unit the unit is how the registry remembers it; else the code is how this machine was");
  app.add_option("--unit", raw.unit,
                 "with --compare: the label, or any unique value, of a unit of the registry");
  app.add_option("--registry", raw.registry, "PATH or postgresql://… of the registry")
      ->envname("DMIGATE_REGISTRY");
  app.add_option("--system-disk", raw.system_disk,
                 "name of the system's disk, such as nvme0n1, where the unit has several");
  app.add_option("--config", raw.config, "station.yaml: the adapters that belong to the station")
      ->envname("DMIGATE_CONFIG");
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_explain(CLI::App& app, Raw& raw) {
  auto* asked =
      app.add_option("KEYWORD", raw.operand,
                     "a field; or the number of a type, whose fields are listed; without it, all are");
  auto* json = app.add_flag("--json", raw.json, "JSON instead of text");
  app.add_flag("--markdown", raw.markdown, "the reference of all fields, as docs/fields.md has it")
      ->excludes(asked)
      ->excludes(json);
}

// Every profile command looks names up in the same folders.
void add_profile_options(CLI::App& app, Raw& raw) {
  app.add_option("--config", raw.config, "station.yaml: its folders of profiles")->envname("DMIGATE_CONFIG");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
}

void add_profile_list(CLI::App& app, Raw& raw) {
  add_profile_options(app, raw);
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_profile_show(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("NAME|FILE", raw.operands, "a profile or a base set")->required()->expected(1);
}

void add_profile_lint(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("FILE|NAME|FOLDER", raw.operands,
                 "profiles, sets, burn tools, station.yaml; without any, the station's folders of profiles");
}

void add_profile_diff(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("A B", raw.operands, "two profiles, by name or file: the old one, the new one")
      ->required()
      ->expected(2);
}

void add_profile_test(CLI::App& app, Raw& raw) {
  add_profile_list(app, raw);
  app.add_option("DIR", raw.operands, "folder with expect.yaml and the units that it names")
      ->required()
      ->expected(1);
  app.add_option("--profile", raw.profile, "the profile that is tried, instead of the one in expect.yaml");
}

void add_profile_learn(CLI::App& app, Raw& raw) {
  add_profile_options(app, raw);
  app.add_option("SOURCE", raw.operands, "golden units: dumps, or any form that check reads")->required();
  app.add_option("--name", raw.name, "name of the profile (default: made of the product's name)");
  app.add_option("--extends", raw.extends, "the set that it extends (default: windows-oem)");
}

void add_schema(CLI::App& app, Raw& raw) {
  app.add_option("WHAT", raw.operand, "profile (default) or tool")->check(CLI::IsMember({"profile", "tool"}));
}

void add_registry_plain(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_flag("--json", raw.json, "JSON instead of text");
}

void add_lookup(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("VALUE", raw.operand, "a serial, label, identifier, UUID, or unit id")->required();
}

void add_decision(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_option("--by", raw.by, "who decides it")->required();
  app.add_option("--reason", raw.reason, "why")->required();
}

void add_resolve(CLI::App& app, Raw& raw) {
  add_decision(app, raw);
  app.add_option("UNIT", raw.operand, "the unit's label, any of its unique values, or its id")->required();
}

void add_retire(CLI::App& app, Raw& raw) {
  add_resolve(app, raw);
  app.add_option("--disposition", raw.dispositions,
                 "KEYWORD=stock of a part that is used again; all others are scrap");
}

void add_replace(CLI::App& app, Raw& raw) {
  add_resolve(app, raw);
  app.add_option(
         "--part", raw.parts,
         "KEYWORD=NEWVALUE, or KEYWORD alone where the next PASS is to tell; may be given several times")
      ->required();
  app.add_option(
         "--disposition", raw.dispositions,
         "what becomes of the old part: stock (its serial is free), repair (it stays with the unit) or"
         " scrap (never valid again); KEYWORD=stock for one of several")
      ->required();
}

void add_import(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("FILE", raw.operand, "CSV with a header, or JSONL as export writes it (docs/registry.md)")
      ->required();
  app.add_option("--profile", raw.profile,
                 "profile of all units of a CSV, by name or file (default: what the column `model` names)");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_option("--by", raw.by, "who decides it");
  app.add_option("--reason", raw.reason, "why");
  app.add_flag("--check", raw.check_only, "only list what is wrong or in conflict; nothing is written");
}

void add_export(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_option("FILE", raw.operand,
                 "where to write it (default: standard output); an existing file is not overwritten");
  app.add_flag("--csv", raw.csv,
               "for spreadsheets, instead of JSONL, from which import makes the same units");
}

void add_verify(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("--head", raw.heads, "FILE with what registry head --json once said: a cut tail is found");
}

void add_trace(CLI::App& app, Raw& raw) {
  add_registry_plain(app, raw);
  app.add_option("VALUE", raw.operand,
                 "a serial, label, identifier, UUID, MAC, lot, work order or unit id, current or given up")
      ->required();
  app.add_option("--dump", raw.dump, "FILE for the newest raw table of the unit, in dmidecode's dump form");
}

void add_keygen(CLI::App& app, Raw& raw) {
  app.add_option("FILE", raw.operand,
                 "where to write the secret key; the public one is written beside it, as FILE.pub")
      ->required();
}

void add_permit_verify(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_option("PERMIT", raw.permit, "a permit's file, - for standard input, or the permit itself")
      ->required();
  app.add_option("SOURCE", raw.source, std::string(kSourceHelp));
  app.add_option("--stage", raw.stage, "what is to be opened, such as pre-image");
  app.add_option("--unit", raw.unit, "the scanned label, which must be the permit's");
  app.add_option("--profile", raw.profile, "profile by which it must have been issued, by name or file");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_option("--keys", raw.permit_keys, "folder of the public keys (*.pub) whose permits are taken")
      ->envname("DMIGATE_PERMIT_KEYS");
  app.add_flag("--json", raw.json, "one JSON object (dmigate.verdict/1) instead of text");
}

void add_notify(CLI::App& app, Raw& raw) {
  app.add_option("--config", raw.config, "station.yaml: whom this station notifies")
      ->envname("DMIGATE_CONFIG");
  add_notify_options(app, raw);
  auto* flush =
      app.add_flag("--flush", raw.flush, "deliver what waits, in order, until something is not taken");
  app.add_flag("--keep-trying", raw.keep_trying, "go on until all of it is delivered")->needs(flush);
}

void add_serve(CLI::App& app, Raw& raw) {
  add_station_options(app, raw);
  app.add_option(
      "WHAT", raw.operands,
      "token add ID --role ROLE, token rotate ID, token revoke ID or token list, instead of serving");
  app.add_option("--listen", raw.listen, "ADDRESS:PORT (default 127.0.0.1:8480); port 0 is one that is free")
      ->envname("DMIGATE_LISTEN");
  app.add_option("--certificate", raw.certificate, "PEM file of the certificate: TLS from then on")
      ->envname("DMIGATE_CERTIFICATE");
  app.add_option("--key", raw.key, "PEM file of its key")->envname("DMIGATE_KEY");
  app.add_flag(
      "--without-tls", raw.without_tls,
      "listen on other addresses than this machine's own without TLS: tokens can be read on the way");
  app.add_option("--tokens", raw.tokens, "file of tokens (default /var/lib/dmigate/tokens.json)")
      ->envname("DMIGATE_TOKENS");
  app.add_option("--rate", raw.rate, "requests a second that one token may ask (default 100)")
      ->check(CLI::Range(0.1, 1e6));
  app.add_option("--audit-size", raw.audit_size, "MiB of a batch that is sent to be audited (default 256)")
      ->check(CLI::Range(1, 65536));
  app.add_option("--audit-time", raw.audit_time, "how long its audit may take, such as 90s (default 5m)");
  app.add_option("--role", raw.role, "token add: station, engineer or auditor")
      ->check(CLI::IsMember({"station", "engineer", "auditor"}));
  app.add_option("--keep", raw.keep, "token rotate: how long the token before goes on, such as 24h");
  app.add_option("--profiles", raw.profiles, "folder of profiles, instead of station.yaml's; several with :")
      ->delimiter(':')
      ->envname("DMIGATE_PROFILES");
  app.add_option("--permit-key", raw.permit_key, "secret key that signs permits (permit keygen makes one)")
      ->envname("DMIGATE_PERMIT_KEY");
  app.add_option("--permit-lifetime", raw.permit_lifetime, "how long one is good, such as 90s (default 10m)");
  add_notify_options(app, raw);
}

constexpr Group kGroups[] = {
    {"permit", "carry a PASS to a burner or imager that dmigate does not start"},
    {"profile", "write, check and try what is asked of a model's units"},
    {"registry", "the plant's memory of which value is whose"},
};

constexpr CommandRow kCommands[] = {
    {Command::kCheck, nullptr, "check",
     "judge a unit by its profile; with --stage, record the verdict and claim its serials", add_check},
    {Command::kBurn, nullptr, "burn", "burn the intended values, if the unit may have them", add_burn},
    {Command::kRun, nullptr, "run",
     "start a command (the image) only if the unit passes: run … --stage S -- COMMAND [ARG…]", add_run},
    {Command::kAudit, nullptr, "audit", "judge a batch: many dumps at once, with the values that units share",
     add_audit},
    {Command::kShow, nullptr, "show", "every structure of a table, decoded", add_show},
    {Command::kDump, nullptr, "dump", "write this machine's table in dmidecode's dump form", add_dump},
    {Command::kEvidence, nullptr, "evidence",
     "write all that a verdict needs of this machine as one JSON file", add_evidence},
    {Command::kCode, nullptr, "code",
     "a code that can be read out over a telephone, and tells later which fields of the unit changed",
     add_code},
    {Command::kExplain, "profile", "explain", "what a field is, where it stands, and what writes it",
     add_explain},
    {Command::kProfileList, "profile", "list", "the models and base sets that can be named",
     add_profile_list},
    {Command::kProfileShow, "profile", "show", "every rule of a profile, and where each comes from",
     add_profile_show},
    {Command::kProfileLint, "profile", "lint", "what is wrong with a profile, and what is odd about it",
     add_profile_lint},
    {Command::kProfileDiff, "profile", "diff", "what one profile asks otherwise than another",
     add_profile_diff},
    {Command::kProfileTest, "profile", "test", "try a profile on units that must pass or fail",
     add_profile_test},
    {Command::kProfileLearn, "profile", "learn", "a draft of a profile, from golden units",
     add_profile_learn},
    {Command::kSchema, "profile", "schema",
     "the format of profiles, or of burn tools, as JSON Schema, for editors that complete and check",
     add_schema},
    {Command::kRegistryInit, "registry", "init", "make an empty registry", add_station_options},
    {Command::kRegistryStatus, "registry", "status", "how much is in it, and what is open",
     add_registry_plain},
    {Command::kRegistryLookup, "registry", "lookup", "who holds a value", add_lookup},
    {Command::kRegistryVerify, "registry", "verify",
     "whether every record is whole and every claim explained", add_verify},
    {Command::kRegistryResolve, "registry", "resolve", "end an open burn or run that was cut off",
     add_resolve},
    {Command::kRegistryReplace, "registry", "replace", "a unit's parts or label were exchanged", add_replace},
    {Command::kRegistryRetire, "registry", "retire", "a unit is no more", add_retire},
    {Command::kRegistryHead, "registry", "head", "each station's last record, to be kept elsewhere",
     add_registry_plain},
    {Command::kRegistryMigrate, "registry", "migrate", "bring a registry of an older dmigate to this one",
     add_decision},
    {Command::kRegistryImport, "registry", "import", "units that were shipped before, all of a file or none",
     add_import},
    {Command::kRegistryExport, "registry", "export", "every unit with all that is known of it", add_export},
    {Command::kPermitKeygen, "permit", "keygen", "make a key that signs permits", add_keygen},
    {Command::kPermitVerify, "permit", "verify",
     "whether a permit is good for this unit here and now; it is used up by that", add_permit_verify},
    {Command::kNotify, nullptr, "notify", "events that wait for the plant's MES", add_notify},
    {Command::kServe, nullptr, "serve", "the service for many stations, and its pages; or its tokens",
     add_serve},
    {Command::kTrace, nullptr, "trace", "all that is known of a unit, the newest first", add_trace},
};

}  // namespace

std::span<const Group> groups() { return kGroups; }
std::span<const CommandRow> commands() { return kCommands; }

void add_language(CLI::App& app, Raw& raw) {
  app.add_option("--lang", raw.language, "language of what is said: en or zh")
      ->envname("DMIGATE_LANG")
      ->check(CLI::IsMember({"en", "zh"}));
}

}  // namespace dmigate::cli
