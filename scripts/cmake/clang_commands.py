"""Rewrites the compile commands of g++ so that clang's tools can follow them.

    clang_commands.py build/dev/compile_commands.json build/lint

Takes out the precompiled header (it is g++'s; without it a file also shows whether it includes what it uses), the options
that clang does not know and the compiler cache, and adds clang's thread safety analysis.
"""

import json
import os
import shlex
import sys

GCC_ONLY = {"-fpch-preprocess", "-Winvalid-pch", "-Wno-restrict"}


def for_clang(command):
    arguments = shlex.split(command)
    compiler = next(i for i, a in enumerate(arguments) if os.path.basename(a) in ("c++", "g++"))
    kept = ["clang++", "-Wthread-safety", "-Wno-unknown-warning-option"]
    rest = iter(arguments[compiler + 1:])
    for argument in rest:
        if argument == "-include":
            header = next(rest)
            if "cmake_pch" not in header:
                kept += [argument, header]
        elif argument not in GCC_ONLY:
            kept.append(argument)
    return kept


def main():
    source, folder = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        entries = json.load(file)
    kept = [{"directory": entry["directory"], "file": entry["file"], "arguments": for_clang(entry["command"])}
            for entry in entries if "cmake_pch" not in entry["file"]]
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)


if __name__ == "__main__":
    main()
