"""Turns a program's --help into manual pages.

    page = man_pages.Page(name="throughline-order", section=1, source="throughline 0.1.0", date="2026-05-01")
    page.add_command(man_pages.read_help(["build/release/bin/throughline", "order"]))
    page.text()

The help is what CLI11 and the services' settings print where there is no terminal: a description, `Usage:`, sections whose
items stand as `  name   what it does`, or on two lines if the name is long, `Examples:`, and closing paragraphs.
"""

import os
import re
import socket
import subprocess

COLUMN = 30  # where the descriptions of items begin
SECTIONS = ("Positionals", "Options", "Subcommands")


class Help:
    """The help of one command: `sections` maps a section's name to its items, as pairs of a name and a description."""

    def __init__(self, words):
        self.words = words
        self.description = ""
        self.usage = ""
        self.sections = {name: [] for name in SECTIONS}
        self.examples = []
        self.notes = []
        self.commands = []  # the Help of each subcommand

    @property
    def name(self):
        return " ".join(self.words)


def read_help(command, words=None):
    """Runs `command` with --help, and then each of its subcommands."""
    words = words or [os.path.basename(command[0])] + command[1:]
    # A home that belongs to nobody, so that defaults beneath it read `~`; nothing of the environment counts.
    environment = {"HOME": "~", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    run = subprocess.run(command + ["--help"], env=environment, capture_output=True, encoding="utf-8", check=True)
    # The default of --replica is this machine's name and this process.
    text = re.sub(r"\[" + re.escape(socket.gethostname()) + r"-\d+\]", "[host name and process id]", run.stdout)
    found = parse(text, words)
    for name, _ in found.sections["Subcommands"]:
        first = name.split(",")[0]
        found.commands.append(read_help(command + [first], words + [first]))
    return found


def parse(text, words):
    found = Help(words)
    items = None  # those of the section that the line is in
    paragraph = []
    lines = text.splitlines() + [""]
    for line, following in zip(lines, lines[1:] + [""]):
        heading = line[:-1] if line.endswith(":") else None
        if line.startswith("Usage: "):
            found.description, paragraph = "\n".join(paragraph), []
            found.usage = line[len("Usage: "):]
        elif heading in SECTIONS:
            items = found.sections[heading]
        elif heading == "Examples":
            items = found.examples
        elif items is found.examples and line.startswith("  "):
            items.append(line[2:])
        elif items is not None and line.startswith(" " * COLUMN):
            items[-1] = (items[-1][0], (items[-1][1] + " " + line.strip()).strip())
        elif items is not None and line.startswith("  "):
            # A name that does not fit has its description on the next line.
            end = len(line) if following.startswith(" " * COLUMN) else COLUMN
            if len(line) > end and line[end - 1] != " ":
                raise ValueError(f"descriptions do not begin at column {COLUMN}: {line}")
            items.append((line[2:end].strip(), line[end:]))
        elif line:
            items = None
            if paragraph and found.usage and paragraph[-1].endswith(".") and line[0].isupper():
                found.notes.append("\n".join(paragraph))
                paragraph = []
            paragraph.append(line)
        elif found.usage and paragraph:
            found.notes.append("\n".join(paragraph))
            paragraph = []
    if not found.usage or not found.sections["Options"]:
        raise ValueError(f"this is not the help of a command: {' '.join(words)}")
    return found


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("~", "\\(ti").replace("^", "\\(ha")
    # A long list of choices may be broken after a comma.
    text = re.sub(r",(?=\S)", r",\\:", text)
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.splitlines())


def summary(text):
    """The first sentence of a description, for `whatis`; of a long one, the first clause."""
    sentence = re.split(r"[.;](?:\s|$)", text.splitlines()[0])[0]
    return sentence if len(sentence) <= 80 else sentence.split(": ")[0]


def sentence(text):
    return text if text.endswith((".", "?")) else text + "."


class Page:
    def __init__(self, name, section, source, date):
        self.name, self.section = name, section
        self.head = f'.TH "{escape(name.upper())}" "{section}" "{date}" "{escape(source)}" "Throughline"'
        self.lines = []

    def text(self):
        # Without `.ad l`, a line that has no blanks to widen is a warning.
        return "\n".join([self.head, ".ad l"] + self.lines) + "\n"

    def heading(self, title):
        self.lines.append(f".SH {title}")

    def paragraph(self, text):
        self.lines += [".PP", escape(text)]

    def items(self, pairs):
        for name, description in pairs:
            self.lines += [".TP", f"\\fB{escape(name)}\\fR", escape(description)]

    def verbatim(self, lines):
        self.lines += [".PP", ".in +2n", ".nf"] + [escape(line) for line in lines] + [".fi", ".in"]

    def add_command(self, command, pages_of_commands=()):
        """A page for the command. Subcommands stand on it, except those that have pages of their own."""
        self.heading("NAME")
        self.lines.append(f"{escape(self.name)} \\- {escape(summary(command.description))}")
        self.heading("SYNOPSIS")
        for leaf in [command] if pages_of_commands else leaves(command):
            self.lines += [f".B {escape(leaf.usage)}", ".br"]
        self.heading("DESCRIPTION")
        self.lines.append(escape(command.description))
        self.options(command)
        if command.commands:
            self.heading("COMMANDS")
        for child in command.commands:
            if pages_of_commands:
                page = pages_of_commands[child.words[-1]]
                names = dict(zip((c.words[-1] for c in command.commands), command.sections["Subcommands"]))
                self.lines += [".TP", f"\\fB{escape(names[child.words[-1]][0])}\\fR",
                               f"{escape(sentence(child.description))} See \\fB{escape(page)}\\fR(1)."]
            else:
                self.subcommand(child)
        self.closing(command)

    def options(self, command):
        positionals, options = command.sections["Positionals"], command.sections["Options"]
        if positionals:
            self.heading("ARGUMENTS")
            self.items(positionals)
        self.heading("OPTIONS")
        self.items(options)

    def subcommand(self, command):
        self.lines += [f'.SS "{escape(command.name)}"', escape(command.description)]
        self.items(command.sections["Positionals"])
        self.items(item for item in command.sections["Options"] if item[0] != "-h,--help")
        if command.examples:
            self.verbatim(command.examples)
        for child in command.commands:
            self.subcommand(child)

    def closing(self, command):
        if command.examples:
            self.heading("EXAMPLES")
            self.verbatim(command.examples)
        for note in command.notes:
            if note.startswith("Exit codes: "):
                self.heading("EXIT STATUS")
                self.lines.append(escape(note[len("Exit codes: "):]))
        # SEE ALSO names the page that has the global options.
        notes = [note for note in command.notes if not re.search(r"^Exit codes: |lobal options.*: throughline --help$", note)]
        if notes:
            self.heading("NOTES")
            for note in notes:
                self.paragraph(note)


def leaves(command):
    if not command.commands:
        return [command]
    return [leaf for child in command.commands for leaf in leaves(child)]
