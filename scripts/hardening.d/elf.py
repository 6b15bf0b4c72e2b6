"""Says of programs which protection they lack; exit code 1 if any does.

  elf.py PROGRAM...
  elf.py --self-test    builds programs with one fault each, and fails if one of them passes
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def readelf(flags, program):
    return subprocess.run(["readelf", "-W", flags, program], check=True, capture_output=True, text=True).stdout


def faults(program):
    header, segments, dynamic = readelf("-h", program), readelf("-l", program), readelf("-d", program)
    imports = set(re.findall(r"UND (\w+)", readelf("--dyn-syms", program)))
    found = []
    if not re.search(r"Type:\s+DYN", header) or not re.search(r"FLAGS_1.*\bPIE\b", dynamic):
        found.append("not position independent (-fPIE -pie)")
    if "GNU_RELRO" not in segments:
        found.append("no RELRO (-Wl,-z,relro)")
    if not re.search(r"\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*\bNOW\b", dynamic):
        found.append("symbols bound late (-Wl,-z,now)")
    stack = re.search(r"GNU_STACK(?:\s+0x\w+){5}\s+(\w+)", segments)
    if not stack or "E" in stack[1]:
        found.append("an executable stack (-Wl,-z,noexecstack)")
    if re.search(r"^\s+LOAD(?:\s+0x\w+){5}\s+RWE", segments, re.MULTILINE):
        found.append("memory that is writable and executable")
    if "(TEXTREL)" in dynamic:
        found.append("text relocations")
    if re.search(r"\((?:RPATH|RUNPATH)\)", dynamic):
        found.append("a path to libraries")
    if "__stack_chk_fail" not in imports:
        found.append("no canaries on the stack (-fstack-protector-strong)")
    if not any(re.fullmatch(r"__\w+_chk", name) for name in imports):
        found.append("no fortified calls (-D_FORTIFY_SOURCE=2 with optimization)")
    return found


SOURCE = """
#include <stdio.h>
#include <string.h>
int main(int count, char** words) { char buffer[64]; strcpy(buffer, words[count - 1]); return puts(buffer) < 0; }
"""
HARD = {
    "pie": ["-fPIE", "-pie"],
    "relro": ["-Wl,-z,relro"],
    "now": ["-Wl,-z,now"],
    "stack": ["-Wl,-z,noexecstack"],
    "canary": ["-fstack-protector-strong"],
    "fortify": ["-D_FORTIFY_SOURCE=2"],
    "path": [],
}
SOFT = {
    "pie": (["-fno-PIE", "-no-pie"], "not position independent"),
    "relro": (["-Wl,-z,norelro"], "no RELRO"),
    "now": (["-Wl,-z,lazy"], "symbols bound late"),
    "stack": (["-Wl,-z,execstack"], "an executable stack"),
    "canary": (["-fno-stack-protector"], "no canaries"),
    "fortify": (["-U_FORTIFY_SOURCE"], "no fortified calls"),
    "path": (["-Wl,-rpath,/opt/lib"], "a path to libraries"),
}


def self_test():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "program.c")
        source.write_text(SOURCE)
        for fault in [None, *SOFT]:
            flags = [flag for name in HARD for flag in (SOFT[name][0] if name == fault else HARD[name])]
            program = str(pathlib.Path(folder, fault or "hard"))
            subprocess.run(["clang", "-O2", "-w", *flags, "-o", program, str(source)], check=True)
            found = faults(program)
            expected = SOFT[fault][1] if fault else None
            if (fault and not any(one.startswith(expected) for one in found)) or (not fault and found):
                wrong.append(f"with {fault or 'every protection'}: found {found}")
    for one in wrong:
        print(one, file=sys.stderr)
    print(f"{len(SOFT)} faults, each found" if not wrong else "the check does not work")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    bad = 0
    checked = 0
    for program in sys.argv[1:]:
        with open(program, "rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        checked += 1
        for fault in faults(program):
            bad += 1
            print(f"{program}: {fault}", file=sys.stderr)
    print(f"{checked} programs, {bad} faults")
    return 1 if bad or not checked else 0


sys.exit(main())
