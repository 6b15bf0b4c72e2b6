#!/usr/bin/env python3
"""Checks the alerts against the runbooks, the runbooks' commands against the tool, and the rules against the contract.

    rules.py [--tool build/release/bin/throughline]

- Every alert links to the section of a runbook with its name, and every such section has its alert.
- Every page is in the runbooks' table of contents, and every link to a file leads to one.
- Every `throughline` command of a page exists, with each option that it is given.
- The rules tell commands from reads as the contract does.
"""

import argparse
import functools
import os
import pathlib
import re
import subprocess
import sys

import yaml

RULES = pathlib.Path("deploy/prometheus/rules")
RUNBOOKS = pathlib.Path("deploy/runbooks")
PROTO = pathlib.Path("proto/throughline")

problems = []


def rules():
    for path in sorted(RULES.glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def check_links_between_alerts_and_sections(pages):
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}
    sections = {}
    for page, text in pages.items():
        sections.update((name, page) for name in re.findall(r"^## (Throughline\w+)$", text, re.MULTILINE))
    for alert, rule in alerts.items():
        if alert not in sections:
            problems.append(f"{alert} has no section in {RUNBOOKS}")
            continue
        wanted = f"{RUNBOOKS / sections[alert]}#{alert.lower()}"
        if rule["annotations"].get("runbook_url") != wanted:
            problems.append(f"the runbook_url of {alert} must be {wanted}")
        if not {"summary", "description"} <= rule["annotations"].keys() or rule["labels"]["severity"] not in ("critical", "warning"):
            problems.append(f"{alert} lacks a summary, a description or a severity")
    problems.extend(f"{sections[name]} has a section of {name}, which is no alert" for name in sections.keys() - alerts.keys())
    return len(alerts)


def anchors(text):
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def check_pages(pages):
    for page in pages:
        if page != "README.md" and f"({page})" not in pages["README.md"]:
            problems.append(f"{page} is not in the table of {RUNBOOKS}/README.md")
    for page, text in pages.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            file, _, anchor = target.partition("#")
            path = RUNBOOKS / file if file else RUNBOOKS / page
            if not path.exists():
                problems.append(f"{page} links to {target}, which is not there")
            elif anchor and anchor not in anchors(path.read_text()):
                problems.append(f"{page} links to {target}, which has no such heading")


@functools.cache
def help_of(tool, *words):
    run = subprocess.run([tool, *words, "--help"], capture_output=True, text=True, check=False)
    return run.stdout if run.returncode == 0 else ""


def commands_of(text):
    """What follows the tool's name: in the lines of blocks, and between backquotes."""
    in_blocks = "\n".join(re.findall(r"^ *```\w.*?\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL))
    lines = re.findall(r"(?:^ *| -- |\$\()(?:tl|throughline) ([^\n]*)$", in_blocks, re.MULTILINE)
    for line in lines + re.findall(r"`(?:throughline|tl) ([^`\n]+)`", text):
        yield re.split(r" \|\|? | > |\)$|;", line)[0].replace('"$@"', "...")


def check_commands(pages, tool):
    count = 0
    for page, text in pages.items():
        for command in commands_of(text):
            count += 1
            words = re.sub(r'"[^"]*"|\'[^\']*\'', "TEXT", command).split()
            options = [word.split("=")[0] for word in words if word.startswith("--")]
            path, skip = [], False
            for word in words:
                if skip or word.startswith("-"):
                    skip = not skip and word in ("--as", "--data", "--address")
                elif word == "..." or "Subcommands:" not in help_of(tool, *path):
                    break
                elif re.search(rf"^  {re.escape(word)}[ ,]", help_of(tool, *path), re.MULTILINE):
                    path.append(word)
                else:
                    problems.append(f"{page}: throughline {command}: there is no {word}")
                    break
            for option in options:
                if not re.search(rf"(^|[ ,]){re.escape(option)}\b", help_of(tool, *path) + help_of(tool), re.MULTILINE):
                    problems.append(f"{page}: throughline {command}: there is no {option}")
    return count


def check_reads():
    """objectives.yaml counts no method as a command that the contract calls free of side effects, and none as a read whose
    request has a command_id."""
    patterns = {pattern for rule in rules() for pattern in re.findall(r'rpc_method!~"([^"]+)"', rule["expr"])}
    if len(patterns) != 1:
        problems.append(f"the rules tell commands from reads in {len(patterns)} ways: {sorted(patterns)}")
    text = "\n".join(path.read_text() for path in sorted(PROTO.rglob("*.proto")))
    requests = dict(re.findall(r"^message (\w+Request) \{(\}|.*?^\})", text, re.MULTILINE | re.DOTALL))
    methods = re.findall(r"^  rpc (\w+)\((?:stream )?(\w+)\)(.*?)^  \}", text, re.MULTILINE | re.DOTALL)
    for method, request, body in methods:
        for pattern in patterns:
            named_a_read = re.fullmatch(pattern, method)
            if named_a_read and re.search(r"\bcommand_id\b", requests[request]):
                problems.append(f"{method} has a command_id, but the rules' \"{pattern}\" takes it for a read")
            if not named_a_read and "NO_SIDE_EFFECTS" in body:
                problems.append(f"{method} has no side effects, but the rules' \"{pattern}\" takes it for a command")
    return len(methods)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", help="the tool; if it is not built, the commands are not checked, which CI refuses")
    arguments = parser.parse_args()
    pages = {path.name: path.read_text() for path in sorted(RUNBOOKS.glob("*.md"))}
    alerts = check_links_between_alerts_and_sections(pages)
    check_pages(pages)
    methods = check_reads()
    said = f"{alerts} alerts, each with its section; {len(pages)} pages; {methods} methods"
    if not pathlib.Path(arguments.tool or "").is_file():
        if os.environ.get("CI"):
            problems.append(f"{arguments.tool} is not built: run scripts/test first")
        said += "; NOT TESTED: the commands, since the tool is not built"
    else:
        said += f"; {check_commands(pages, arguments.tool)} commands of the tool"
    print("\n".join(problems) if problems else said, file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0


sys.exit(main())
