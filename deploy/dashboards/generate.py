#!/usr/bin/env python3
"""Writes the dashboards' JSON from the modules beside this file, or checks that it is current.

    generate.py [--check]
"""

import difflib
import json
import pathlib
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder

import customers
import edge
import orders
import outages
import replicas
import runtime

HERE = pathlib.Path(__file__).parent / "json"


def main():
    check = "--check" in sys.argv[1:]
    old = []
    for module in (customers, edge, orders, outages, replicas, runtime):
        path = HERE / f"{module.__name__}.json"
        wanted = json.dumps(module.DASHBOARD, cls=JSONEncoder, indent=1, sort_keys=True) + "\n"
        found = path.read_text() if path.exists() else ""
        if found == wanted:
            continue
        old.append(path.name)
        if check:
            sys.stdout.writelines(difflib.unified_diff(found.splitlines(True), wanted.splitlines(True), f"{path}", "generated", n=1))
        else:
            path.write_text(wanted)
    if check and old:
        print(f"{', '.join(old)}: not what the modules make; run scripts/observe dashboards", file=sys.stderr)
        return 1
    print(f"{'current' if check else 'written'}: {', '.join(sorted(path.name for path in HERE.glob('*.json')))}")
    return 0


sys.exit(main())
