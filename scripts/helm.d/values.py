"""Holds values.yaml, values.schema.json, the README's table and the programs' settings to each other.

  values.py check    says what differs; exit code 1
  values.py write    writes the table between the README's marks
"""

import json
import pathlib
import re
import sys

import yaml

CHART = pathlib.Path("helm/throughline")
BEGIN, END = "<!-- values: written by scripts/helm --docs -->\n", "<!-- end of values -->\n"
# What the chart itself writes into the configuration file, and not `settings`.
OF_THE_CHART = {
    "data", "replica", "host", "insecure", "port", "metrics-host", "metrics-port", "tokens", "grace",
    "tls.cert", "tls.key", "tls.client-ca", "tls.identities", "backup.dir", "backup.every", "backup.keep", "backup.restore",
    "kafka.brokers", "kafka.prefix", "kafka.config", "kafka.partitions", "metrics-tls", "metrics-tokens",
    "audit.dir", "audit.file-mib", "audit.keep", "audit.required", "jwt.keys", "jwt.issuer", "jwt.audience",
    "subscribers.key", "subscribers.signing-keys", "smtp.password-file", "smtp.ca", "webhooks.ca",
    "jwt.leeway", "jwt.person-claim", "jwt.role-claim", "jwt.party-claim", "jwt.team-claim", "jwt.roles",
}  # fmt: skip
OF_THE_CHART_FOR_EDGE = {
    "host", "insecure", "port", "metrics-host", "metrics-port", "address", "grace", "tls.cert", "tls.key", "services.ca",
    "services.cert", "services.key", "token-file", "public.token-file", "webhooks.endpoints", "metrics-tls", "metrics-tokens",
}  # fmt: skip
# Of no use in a container; of the edge, `tls.client-ca`: it serves those who have no certificate.
LEFT_OUT = {
    "authority-policy", "calendars", "carrier-maps", "departments", "message-rules", "silence-calendar", "tls.client-ca",
}  # fmt: skip

schema = json.loads((CHART / "values.schema.json").read_text())
values = yaml.safe_load((CHART / "values.yaml").read_text())
problems = []


def resolved(node):
    """The node with what it refers to; its own description wins."""
    if "$ref" not in node:
        return node
    return {**resolved(schema["$defs"][node["$ref"].removeprefix("#/$defs/")]), **node}


def properties(node):
    return resolved(node).get("properties", {})


def described(path, node):
    node = resolved(node)
    if not node.get("description", "").endswith("."):
        problems.append(f"values.schema.json: {path} has no description that is a sentence")
    if "properties" in node and node.get("additionalProperties") is not False:
        problems.append(f"values.schema.json: {path} takes names that it does not know (additionalProperties)")
    for name, inner in node.get("properties", {}).items():
        described(f"{path}.{name}".lstrip("."), inner)


def same_names(path, node, default):
    """Every value stands in values.yaml, but what only overrides, is the program's to know, or is better left out."""
    if path in ("defaults.settings", "defaults.resources", "edge.settings", "edge.resources") or re.fullmatch(r"services\.[a-z-]+", path):
        return
    known = set(properties(node)) - {"global"}
    if not known:
        return
    if not isinstance(default, dict) or set(default) != known:
        odd = known ^ set(default or {})
        problems.append(f"values.yaml and values.schema.json differ in {path or 'the names'}: {', '.join(sorted(odd))}")
        return
    for name in known:
        same_names(f"{path}.{name}".lstrip("."), properties(node)[name], default[name])


def number(text):
    """The value of 8, 1'000'000, 64 << 10; None of a constant that stands elsewhere."""
    match = re.fullmatch(r"([\d']+)(?: << (\d+))?", text.strip())
    return int(match[1].replace("'", "")) << int(match[2] or 0) if match else None


def settings_of(source):
    """Name to (least, most) of the numbers, and to None of the rest."""
    found = {}
    code = re.sub(r"//.*", "", pathlib.Path(source).read_text())
    for kind, name in re.findall(r'settings\.(Text|Choice|Flag|Number|Period)\(\s*"([a-z.-]+)"', code):
        bounds = re.search(rf'settings\.Number\(\s*"{re.escape(name)}",\s*[\w.()]+,\s*([^,]+),\s*([^,]+),', code)
        found[name] = (number(bounds[1]), number(bounds[2])) if kind == "Number" else None
    return found


def same_settings(service, node, program, source, of_the_chart):
    chart = {}
    for name, node in properties(node)["settings"]["properties"].items():
        for inner, leaf in properties(node).items():
            chart[f"{name}.{inner}"] = resolved(leaf)
        if not properties(node):
            chart[name] = resolved(node)
    for name in sorted(set(program) - set(chart) - of_the_chart - LEFT_OUT):
        problems.append(f"values.schema.json: {service}.settings lacks {name}, a setting of {source}")
    for name in sorted(set(chart) - set(program)):
        problems.append(f"values.schema.json: {service}.settings.{name} is no setting of the program")
    for name in sorted(set(chart) & set(program)):
        bounds = program[name]
        if bounds and bounds != (chart[name].get("minimum"), chart[name].get("maximum")):
            problems.append(f"values.schema.json: {name} of {service} has other bounds than the program, {bounds}")


def row(path, default, description):
    shown = "" if default is None else f"`{json.dumps(default)}`"
    return f"| `{path}` | {shown} | {description} |".replace("|  |", "| |")


def rows(path, node, default):
    node = resolved(node)
    inner = node.get("properties", {})
    if not inner:
        return [row(path, default, node["description"])]
    if path in ("defaults.settings.limits", "defaults.settings.kafka", "edge.settings.limits"):
        names = ", ".join(f"`{name}`" for name in inner)
        return [row(path, None, f"{node['description']} {names}.")]
    result = []
    for name, leaf in inner.items():
        if name == "global" or (path.startswith("services.") and name not in default):
            continue  # of a service: what only overrides
        result += rows(f"{path}.{name}".lstrip("."), leaf, (default or {}).get(name))
    return result


def table():
    head = ["| value | default | |", "|---|---|---|"]
    return "\n".join(head + rows("", schema, values)) + "\n"


def main():
    readme = CHART / "README.md"
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    if sys.argv[1] == "write":
        readme.write_text(before + BEGIN + table() + END + after)
        return 0
    if old != table():
        problems.append("helm/throughline/README.md: its table of values is old: run scripts/helm --docs")
    described("", schema)
    same_names("", schema, values)
    tracing = settings_of("services/process/settings/tracing_settings.cc")
    common = settings_of("services/process/settings/service_config.cc") | tracing
    for service, node in properties(properties(schema)["services"]).items():
        source = f"services/{service}/main.cc"
        program = {**common, **settings_of(source)}
        if service == "outage-notice":
            program |= settings_of("services/outage-notice/delivery/delivery_settings.cc")
        same_settings(f"services.{service}", node, program, source, OF_THE_CHART)
    source = "services/edge/config.cc"
    same_settings("edge", properties(schema)["edge"], settings_of(source) | tracing, source, OF_THE_CHART_FOR_EDGE)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


sys.exit(main())
