"""Proves that objects.py notices: mutations.py RENDERED. Each change below breaks a property, and must be found."""

import pathlib
import re
import sys

from objects import failures_of

# What is replaced (a regular expression, the first match), by what.
MUTATIONS = [
    (r"podManagementPolicy: OrderedReady", "podManagementPolicy: Parallel"),
    (r"type: RollingUpdate", "type: OnDelete"),
    (r"(updateStrategy:\n[\s\S]*?rollingUpdate:\n)", r"\1      maxUnavailable: 2\n"),
    (r"minReadySeconds: \d+", "minReadySeconds: 0"),
    (r"(kind: PodDisruptionBudget[\s\S]*?)maxUnavailable: 1", r"\1maxUnavailable: 2"),
    (r"(kind: PodDisruptionBudget\n(?:(?!---)[\s\S])*?matchLabels:(?:(?!---)[\s\S])*?component: )intake", r"\1ownership"),
    (r"topologyKey: topology.kubernetes.io/zone", "topologyKey: region"),
    (r"path: /readyz", "path: /livez"),
    (r"path: /startupz", "path: /readyz"),
    (r"(startupProbe:[\s\S]*?failureThreshold: )\d+", r"\g<1>3"),
    (r"(readinessProbe:[\s\S]*?failureThreshold: )\d+", r"\g<1>30"),
    (r"(livenessProbe:[\s\S]*?failureThreshold: )\d+", r"\g<1>1"),
    (r"(preStop:\n\s*sleep:\n\s*seconds: )\d+", r"\g<1>0"),
    (r"terminationGracePeriodSeconds: \d+", "terminationGracePeriodSeconds: 15"),
    (r"automountServiceAccountToken: false\nenableServiceLinks|automountServiceAccountToken: false\n( +)enable", r"automountServiceAccountToken: true\n\1enable"),
    (r"enableServiceLinks: false", "enableServiceLinks: true"),
    (r"runAsUser: 10001", "runAsUser: 0"),
    (r"type: RuntimeDefault", "type: Unconfined"),
    (r"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
    (r"drop: \[ALL\]", "drop: []"),
    (r"defaultMode: 0440", "defaultMode: 0460"),
    (r"path: tokens.json", "path: token.json"),
    (r"path: tls/tls.key", "path: tls.key"),
    (r"mountPath: /var/lib/throughline", "mountPath: /var/lib/other"),
    (r"limits:\n +memory: [0-9A-Za-z]+\n", "limits:\n"),
    (r"policyTypes: \[Ingress, Egress\]", "policyTypes: [Ingress]"),
    (r"(name: \S+-services\n[\s\S]*?ports:\n +- port: )7070", r"\g<1>443"),
    (r"(name: \S+-services\n[\s\S]*?- from:\n)( +)- podSelector", r"\1\2- podSelector: {}\n\2- podSelector"),
    (r"helm.sh/hook: pre-install,pre-upgrade\n( +)helm.sh/hook-weight: \"-10\"", r"helm.sh/hook: post-install\n\1helm.sh/hook-weight: '1'"),
    (r"serviceAccountName: default", "serviceAccountName: tl"),
    (r"maxUnavailable: 0", "maxUnavailable: 1"),
    (r"(name: \S+-edge\n[\s\S]*?ports:\n +- port: )8080", r"\g<1>443"),
    (r"path: services/ca.crt", "path: ca.crt"),
    (r"clusterIP: None", "clusterIP: 10.0.0.1"),
    (r"except: \[10.0.0.0/8, ", "except: ["),
    (r"(name: \S+-sending\n[\s\S]*?component: )outage-notice(\n +policyTypes)", r"\1intake\2"),
    (r"path: subscribers/signing-keys", "path: signing-keys"),
]


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    missed = 0
    if found := failures_of(text):
        print(f"not even the original holds: {found}", file=sys.stderr)
        return 1
    for pattern, by in MUTATIONS:
        changed, count = re.subn(pattern, by, text, count=1)
        if count == 0 or changed == text:
            print(f"nothing to change by {pattern!r}", file=sys.stderr)
            missed += 1
        elif not failures_of(changed):
            print(f"nobody noticed {by!r} in place of {pattern!r}", file=sys.stderr)
            missed += 1
    print(f"{len(MUTATIONS) - missed} of {len(MUTATIONS)} changes were noticed")
    return 1 if missed else 0


sys.exit(main())
