"""Gives the programs what the chart gives them: programs.py FOLDER-OF-PROGRAMS RENDERED...

Each service reads its configuration file (--print-config) with the files around it that its pod would have, and the tool
the command lines of the topic job and of the tests, against ports at which nobody answers.
"""

import concurrent.futures
import functools
import pathlib
import subprocess
import sys
import tempfile

import yaml

from objects import Release, mounted, name

WRONG_USAGE = 2  # the tool's exit code; it is 3 if nobody answers
# Where carriers push, as in services/edge/README.md.
ENDPOINTS = """[[endpoint]]
carrier = "ups"
id = "e1"
format = "ups-track-alert"
scheme = "ups"
secrets = ["secret"]
"""


# What a program reads before it says that its configuration is good, by the end of the path.
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"
CONTENTS = {"/subscribers/key": KEY, "/subscribers/signing-keys": KEY + "\n", "/subscribers/smtp-password": "a-password", ".properties": "# from a Secret\n"}


@functools.cache
def authority():
    made = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=authority", "-keyout", "/dev/null"])
    return made.stdout


def content(path):
    if path.endswith("-ca.crt"):
        return authority()
    return next((text for end, text in CONTENTS.items() if path.endswith(end)), "")


def run(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def lay_out(release, spec, root):
    """The pod's files in `root`, so that all paths are there. Of a properties file from a Secret nothing is known."""
    files, writable = mounted(release, spec)
    for folder in writable:
        (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for path in files:
        target = root / path.lstrip("/")
        if path.endswith("/"):  # a Secret as a whole
            target.mkdir(parents=True, exist_ok=True)
            (target / "webhooks.toml").write_text(ENDPOINTS)
            (target / "secret").write_text("a-secret-of-ups")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content(path))
    for volume, mount in ((v, m) for v in spec["volumes"] for m in spec["containers"][0]["volumeMounts"] if m["name"] == v["name"]):
        if "configMap" in volume:
            for key, text in release.find("ConfigMap", volume["configMap"]["name"])["data"].items():
                for top in ("/etc/", "/var/"):
                    text = text.replace(top, f"{root}{top}")
                (root / mount["mountPath"].lstrip("/") / key).write_text(text)


def inside(root, words):
    return [f"{root}{word}" if word.startswith(("/etc/", "/tmp/")) else word for word in words]


def nowhere(words):
    """The command line with ports at which nobody answers, and without the waiting."""
    result = []
    for word in words:
        before = result[-1] if result else ""
        if before == "--address":
            word = ",".join(f"{part.partition('=')[0]}=127.0.0.1:1" for part in word.split(","))
        elif before == "--brokers":
            word = "127.0.0.1:1"
        elif before in ("--wait", "--timeout"):
            word = "1s"
        result.append(word)
    return result


def service(programs, release, thing):
    spec = thing["spec"]["template"]["spec"]
    container = spec["containers"][0]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        lay_out(release, spec, root)
        program = programs / pathlib.Path(container["command"][0]).name
        done = run([program, *inside(root, container["args"]), "--print-config"])
        return "" if done.returncode == 0 else f"{name(thing)}: {program.name} refuses its configuration:\n{done.stderr}"


def tool(programs, release, what, spec, container):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        lay_out(release, spec, root)
        words = nowhere(container["args"])
        # These are read before anybody is called, and are empty here.
        for option in ("--ca", "--client-cert", "--client-key", "--token-file"):
            if option in words:
                del words[words.index(option) : words.index(option) + 2]
        done = run([programs / "throughline", "--data", f"{root}/tmp", *inside(root, words)])
        wrong = done.returncode == WRONG_USAGE
        return f"{what}: the tool refuses {' '.join(container['args'])}:\n{done.stderr}" if wrong else ""


def checks(pool, programs, release):
    for thing in release.of("StatefulSet") + release.of("Deployment"):
        yield pool.submit(service, programs, release, thing)
    for what, _, spec in release.pods():
        for container in spec["containers"] + spec.get("initContainers", []):
            if container["command"] == ["/usr/bin/throughline"]:
                yield pool.submit(tool, programs, release, what, spec, container)


def main():
    programs, asked, wrong = pathlib.Path(sys.argv[1]), [], 0
    # They mostly wait for ports at which nobody answers.
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for file in sys.argv[2:]:
            text = pathlib.Path(file).read_text(encoding="utf-8")
            release = Release([thing for thing in yaml.safe_load_all(text) if thing])
            asked += [(file, check) for check in checks(pool, programs, release)]
        for file, check in asked:
            if problem := check.result():
                wrong += 1
                print(f"{file}: {problem}", file=sys.stderr)
    print(f"{len(asked) - wrong} of {len(asked)} configurations and command lines were taken")
    return 1 if wrong else 0


sys.exit(main())
