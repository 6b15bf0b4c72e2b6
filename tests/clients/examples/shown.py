"""Checks that a README shows what the examples do: shown.py proto/README.md tests/clients/examples.

A code block after a line with "`<file>`:" must be the lines of that example between README and end, as they stand.
"""

import pathlib
import re
import sys
import textwrap

readme, examples = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), pathlib.Path(sys.argv[2])
wrong = 0
blocks = re.findall(r"`([\w./]+)`[^`\n]*:\n\n```\w+\n(.*?)```", readme, re.DOTALL)
for name, block in blocks:
    text = (examples / name).read_text(encoding="utf-8")
    part = re.search(r"^[ \t]*(?:#|//) README\n(.*?)^[ \t]*(?:#|//) end$", text, re.DOTALL | re.MULTILINE)
    if textwrap.dedent(part[1].replace("\t", "    ")) != block:
        print(f"{sys.argv[1]} does not show what {examples / name} does", file=sys.stderr)
        wrong = 1
named = {name for name, _ in blocks}
for example in examples.rglob("*"):
    name = str(example.relative_to(examples))
    if example.is_file() and re.search(r"^[ \t]*(?:#|//) README$", example.read_text(encoding="utf-8"), re.MULTILINE) and name not in named:
        print(f"{sys.argv[1]} does not show {example}", file=sys.stderr)
        wrong = 1
sys.exit(wrong)
