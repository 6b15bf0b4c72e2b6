"""Reads what `kubectl get pods --watch --output-watch-events --output json` wrote while the chart was upgraded:

  rolling.py EVENTS REPLICAS IMAGE

In every service at most one replica may have been away at any moment, the replicas must have been replaced from the
highest ordinal down, and all must run the image in the end.
"""

import json
import sys


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        try:
            document, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:  # the watch was ended while it wrote
            return
        yield document


def ready(pod):
    if "deletionTimestamp" in pod["metadata"]:
        return False
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        events = list(documents(stream.read()))
    replicas, image = int(sys.argv[2]), sys.argv[3]
    pods, replaced, least, wrong = {}, {}, {}, []
    for event in events:
        pod = event["object"]
        name, labels = pod["metadata"]["name"], pod["metadata"]["labels"]
        if "apps.kubernetes.io/pod-index" not in labels:
            continue  # of a job or a test
        service = labels["app.kubernetes.io/component"]
        mine = pods.setdefault(service, {})
        if event["type"] == "DELETED":
            mine[name] = None
            replaced.setdefault(service, []).append(int(labels["apps.kubernetes.io/pod-index"]))
        else:
            mine[name] = pod
        serving = sum(1 for one in mine.values() if one is not None and ready(one))
        if len(mine) == replicas:  # the watch begins by naming all of them
            least[service] = min(least.get(service, replicas), serving)
    for service, mine in pods.items():
        if least.get(service, 0) < replicas - 1:
            wrong.append(f"{service}: only {least.get(service)} of {replicas} replicas were ready at one time")
        if replaced.get(service) != list(range(replicas - 1, -1, -1)):
            wrong.append(f"{service}: replaced in the order {replaced.get(service)}")
        for name, pod in mine.items():
            if pod is None or pod["spec"]["containers"][0]["image"] != image:
                wrong.append(f"{service}: {name} does not run {image}")
    if len(pods) != 4:
        wrong.append(f"pods of four services were expected, not of {sorted(pods)}")
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        print(f"{len(events)} changes of pods: never more than one replica of a service away, the highest ordinal first")
    return 1 if wrong else 0


sys.exit(main())
