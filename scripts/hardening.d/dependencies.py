"""Holds the list of libraries that the programs load to what they load: package, version, licence.

  dependencies.py [--write] LIST PROGRAM...
"""

import pathlib
import re
import subprocess
import sys

HEAD = "# The libraries that the programs load, by scripts/hardening --write: Debian package, source, version, licence.\n"
# Packages whose copyright file no machine can read, or whose library has another licence than the rest of their source.
BY_HAND = {
    "libc-ares2": "MIT",
    "libc6": "LGPL-2.1-or-later",
    "libcom-err2": "MIT",
    "libctemplate3": "BSD-3-Clause",
    "libgcc-s1": "GPL-3.0-or-later with GCC runtime library exception",
    "libgnutls30": "LGPL-2.1-or-later",
    "libgssapi-krb5-2": "MIT",
    "libidn2-0": "LGPL-3+ or GPL-2+",
    "libk5crypto3": "MIT",
    "libkeyutils1": "LGPL-2.0-or-later",
    "libkrb5-3": "MIT",
    "libkrb5support0": "MIT",
    "librtmp1": "LGPL-2.1-or-later",
    "libstdc++6": "GPL-3.0-or-later with GCC runtime library exception",
    "libtasn1-6": "LGPL-2.1-or-later",
    "libtomlplusplus3": "MIT",
}
# What may be linked with a program under Apache-2.0. Of several licences, one is enough.
TAKEN = (
    r"Apache-2\.0|MIT|Expat( with embedded exception)?|BSD-?[234]-?[Cc]lause(~Google)?|BSD-3-google|BSD-variant|Zlib"
    r"|BSD3|curl|OpenLDAP-2\.8|LGPL-2\.[01]-or-later|LGPL-3\+|GPL-3\.0-or-later with GCC runtime library exception|ISC|OpenSSL|public-domain"
)


def run(*command):
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def package_of(library):
    """Depending on how /lib is merged into /usr, dpkg knows a library by either name."""
    real = str(pathlib.Path(library).resolve())
    for path in (real, f"/usr{real}", real.removeprefix("/usr"), library):
        if owner := run("dpkg-query", "-S", path).split(":")[0]:
            return owner
    sys.exit(f"no package has {library}: only the distribution's libraries are used")


def licence_of(package):
    if package in BY_HAND:
        return BY_HAND[package]
    text = pathlib.Path(f"/usr/share/doc/{package}/copyright").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^Files:\s*\*\s*$.*?^License:\s*(\S.*?)\s*$", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else "unknown"


def dependencies(programs):
    libraries = set(re.findall(r"=> (/\S+)", run("ldd", *programs)))
    if "not found" in run("ldd", *programs):
        sys.exit("a library is not installed")
    found = {}
    for package in {package_of(library) for library in libraries}:
        fields = run("dpkg-query", "-W", "-f", "${source:Package}\t${source:Upstream-Version}\n", package)
        found[package] = [*fields.splitlines()[0].split("\t"), licence_of(package)]
    return found


def series(version):
    return re.findall(r"\d+", version)[:2]


def main():
    arguments = sys.argv[1:]
    write = arguments[0] == "--write"
    path, *programs = arguments[1 if write else 0 :]
    found = dependencies(programs)
    problems = [
        f"{package}: the licence {licence} is not one that we link with"
        for package, (_, _, licence) in sorted(found.items())
        if not any(re.fullmatch(TAKEN, one) for one in re.split(r" or ", licence))
    ]
    if write:
        rows = ("\t".join([package, *found[package]]) for package in sorted(found))
        pathlib.Path(path).write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    listed = {line.split("\t")[0]: line.split("\t")[1:] for line in lines if line and not line.startswith("#")}
    problems += [f"{package}: loaded, but not in {path}" for package in sorted(set(found) - set(listed))]
    problems += [f"{package}: in {path}, but not loaded" for package in sorted(set(listed) - set(found))]
    for package in sorted(set(found) & set(listed)):
        was, now = listed[package], found[package]
        if was[0] != now[0] or was[2] != now[2] or series(was[1]) != series(now[1]):
            problems.append(f"{package}: {' '.join(now)}, but {path} says {' '.join(was)}")
        elif was[1] != now[1]:
            print(f"{package}: {now[1]} here, {was[1]} in the list")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(found)} libraries, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
