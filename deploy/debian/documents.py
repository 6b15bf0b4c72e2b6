#!/usr/bin/env python3
"""Makes what the Debian packages have beside the programs: manual pages, completion and the changelog.

    documents.py --programs build/release/bin --to FOLDER --version 0.1.0 --time 2026-05-01T12:00:00Z --maintainer "A <a@b>"

All of it comes from the programs' own help and `throughline completion`. In FOLDER there is a tree below usr/share for each
package, and changelog.gz. Fails if a command of the completion has no place in a manual page.
"""

import argparse
import datetime
import gzip
import pathlib
import re
import subprocess

import man_pages

SERVICES = ("intake", "ownership", "outage-notice", "supplier-tracking")
EDGE = "edge"
COMPLETIONS = {
    "bash": "bash-completion/completions/throughline",
    "zsh": "zsh/vendor-completions/_throughline",
    "fish": "fish/vendor_completions.d/throughline.fish",
}


def write(path, text, compressed=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if compressed else data)


def write_page(folder, page):
    write(folder / f"man/man{page.section}/{page.name}.{page.section}.gz", page.text(), compressed=True)


def tool_pages(tool, new_page):
    """throughline(1), and a page for each of its commands, as throughline-order(1)."""
    whole = man_pages.read_help([str(tool)])
    names = {command.words[-1]: f"throughline-{command.words[-1]}" for command in whole.commands}
    page = new_page("throughline", 1)
    page.add_command(whole, pages_of_commands=names)
    page.heading("ENVIRONMENT")
    page.items((re.search(r"\(Env:(\w+)\)", name)[1], f"The default of {name.split()[0]}.")
               for name, _ in whole.sections["Options"] if "(Env:" in name)
    pages = [page]
    for command in whole.commands:
        page = new_page(names[command.words[-1]], 1)
        page.add_command(command)
        page.heading("SEE ALSO")
        page.lines.append("\\fBthroughline\\fR(1) has the global options, and how to write a TIME, a TEXT and an ID.")
        pages.append(page)
    return pages


def documented_commands(pages):
    """The paths of all commands that have a page or a section of one, as /order/place."""
    found = {"/" + page.name[len("throughline-"):] for page in pages if page.name != "throughline"}
    for page in pages:
        for words in re.findall(r'^\.SS "throughline (.*)"$', page.text().replace("\\-", "-"), re.MULTILINE):
            found.add("/" + words.replace(" ", "/"))
    return found


def service_page(program, new_page):
    page = new_page(program.name, 8)
    page.add_command(man_pages.read_help([str(program)]))
    page.heading("FILES")
    name = program.name.removeprefix("throughline-")
    if name == EDGE:
        page.items([(f"/etc/throughline/{name}.toml", "Its settings, for throughline-edge.service.")])
    else:
        page.items([(f"/etc/throughline/{name}.toml", "Its settings, for throughline@.service."),
                    ("/etc/throughline/services.env", "What all services on this machine share.")])
    page.heading("SEE ALSO")
    page.lines.append("\\fBthroughline\\fR(1)")
    return page


def completed_commands(bash):
    """The paths of all commands that the completion knows, aliases not counted."""
    arm = re.search(r'case "\$at/\$\{COMP_WORDS\[i\]\}" in\s+(\S+)\)', bash)[1]
    return set(arm.split("|"))


def changelog(version, time, maintainer):
    when = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    stamp = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (f"throughline ({version}) bookworm; urgency=medium\n\n"
            "  * Built from the commit that `throughline --version` names.\n\n"
            f" -- {maintainer}  {stamp}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("programs", "to"):
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    for name in ("version", "time", "maintainer"):
        parser.add_argument("--" + name, required=True)
    given = parser.parse_args()

    def new_page(name, section):
        return man_pages.Page(name, section, source=f"throughline {given.version}", date=given.time[:10])

    tool = given.programs / "throughline"
    shared = given.to / "throughline"
    pages = tool_pages(tool, new_page)
    for page in pages:
        write_page(shared, page)
    for service in (*SERVICES, EDGE):
        write_page(given.to / "throughline-services", service_page(given.programs / f"throughline-{service}", new_page))
    for shell, path in COMPLETIONS.items():
        script = subprocess.run([tool, "completion", shell], capture_output=True, encoding="utf-8", check=True).stdout
        write(shared / path, script)
        missing = completed_commands(script) - documented_commands(pages) if shell == "bash" else ()
        if missing:
            raise SystemExit(f"commands without a manual page: {sorted(missing)}")
    write(given.to / "changelog.gz", changelog(given.version, given.time, given.maintainer), compressed=True)


if __name__ == "__main__":
    main()
