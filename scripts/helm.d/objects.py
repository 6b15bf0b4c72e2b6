"""Asserts what must hold of the rendered objects whatever the values are: objects.py FILE...

A restart or an upgrade of one replica must not be felt (one at a time, only when ready, drained), nothing may be
reachable that needs not be, and no pod may have a right that it does not use.
"""

import pathlib
import sys
import tomllib

import yaml

SERVICES = ("intake", "ownership", "outage-notice", "supplier-tracking")
GRPC, HTTP, OPERATIONS = 7070, 8080, 9470

wrong = []


def must(holds, what):
    if not holds:
        wrong.append(what)


def selects(selector, labels):
    if not all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []) if e["operator"] == "In")


def name(thing):
    return f"{thing['kind']} {thing['metadata']['name']}"


class Release:
    def __init__(self, objects):
        self.objects = objects

    def of(self, kind):
        return [thing for thing in self.objects if thing["kind"] == kind]

    def find(self, kind, named):
        return next((thing for thing in self.of(kind) if thing["metadata"]["name"] == named), None)

    def pods(self):
        """(what it is, labels, spec) of each pod."""
        for thing in self.objects:
            if thing["kind"] == "Pod":
                yield name(thing), thing["metadata"]["labels"], thing["spec"]
            elif thing["kind"] in ("StatefulSet", "Deployment", "Job"):
                template = thing["spec"]["template"]
                yield name(thing), template["metadata"]["labels"], template["spec"]


def hook(thing):
    return thing["metadata"].get("annotations", {}).get("helm.sh/hook", "")


def weight(thing):
    return int(thing["metadata"]["annotations"]["helm.sh/hook-weight"])


def all_services(release):
    sets = [thing["metadata"]["labels"]["app.kubernetes.io/component"] for thing in release.of("StatefulSet")]
    must(tuple(sets) == SERVICES, f"one StatefulSet for each service is expected, not {sets}")
    must(not release.of("Secret"), "the chart writes a Secret: secrets come from existing ones")
    for thing in release.objects:
        must(thing["metadata"].get("namespace"), f"{name(thing)} names no namespace")


def one_replica_at_a_time(release):
    for thing in release.of("StatefulSet"):
        spec, labels = thing["spec"], thing["spec"]["template"]["metadata"]["labels"]
        must(spec["podManagementPolicy"] == "OrderedReady", f"{name(thing)} is not OrderedReady")
        strategy = spec["updateStrategy"]
        must(strategy["type"] == "RollingUpdate", f"{name(thing)} does not roll")
        must(strategy["rollingUpdate"].get("maxUnavailable", 1) == 1, f"{name(thing)} may upgrade several at once")
        must(spec["minReadySeconds"] >= 1, f"{name(thing)} upgrades the next before clients know this one")
        budgets = [b for b in release.of("PodDisruptionBudget") if selects(b["spec"]["selector"], labels)]
        must(len(budgets) == 1, f"{name(thing)} has {len(budgets)} PodDisruptionBudgets")
        for budget in budgets:
            must(budget["spec"].get("maxUnavailable") == 1, f"{name(budget)} lets more than one replica go")
        for other in release.of("StatefulSet"):
            must(other is thing or not selects(other["spec"]["selector"], labels), f"{name(other)} selects pods of {name(thing)}")
        must(selects(spec["selector"], labels), f"{name(thing)} does not select its own pods")
        is_spread(thing, labels)


def is_spread(thing, labels):
    spread = {s["topologyKey"]: s for s in thing["spec"]["template"]["spec"]["topologySpreadConstraints"]}
    for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname"):
        must(key in spread and spread[key]["maxSkew"] == 1, f"{name(thing)} is not spread over {key}")
        must(selects(spread[key]["labelSelector"], labels), f"{name(thing)} spreads other pods than its own")


def edge(release):
    """It holds no state: it may be several at once, but never fewer."""
    for thing in release.of("Deployment"):
        spec, labels = thing["spec"], thing["spec"]["template"]["metadata"]["labels"]
        must(labels["app.kubernetes.io/component"] == "edge", f"{name(thing)} is a Deployment of something else")
        must(selects(spec["selector"], labels), f"{name(thing)} does not select its own pods")
        must(spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
             f"{name(thing)} lets one go before the next is ready")  # fmt: skip
        must(spec["minReadySeconds"] >= 1, f"{name(thing)} upgrades the next before clients know this one")
        is_spread(thing, labels)
        budgets = [b for b in release.of("PodDisruptionBudget") if selects(b["spec"]["selector"], labels)]
        must([b["spec"].get("maxUnavailable") for b in budgets] == [1], f"{name(thing)} has no PodDisruptionBudget of its own")
        chosen = {s["metadata"]["name"]: s["spec"] for s in release.of("Service") if selects({"matchLabels": s["spec"]["selector"]}, labels)}
        headless = chosen.pop(f"{thing['metadata']['name']}-headless", {})
        must(headless.get("clusterIP") == "None", f"{name(thing)} has no headless Service")
        must([port["port"] for port in headless["ports"]] == [OPERATIONS], f"{name(thing)}: ports of the headless Service")
        must(list(chosen) == [thing["metadata"]["name"]], f"{name(thing)}: its Services are {list(chosen)}")
        must([port["port"] for port in chosen[thing["metadata"]["name"]]["ports"]] == [HTTP], f"{name(thing)}: ports of the Service")
        policies = release.of("NetworkPolicy")
        if policies:
            intake = next(labels for _, labels, _ in release.pods() if labels["app.kubernetes.io/component"] == "intake")
            must(allowed(policies, "Ingress", intake, GRPC, labels), "the edge cannot call intake")
            rules = [rule for p in policies if selects(p["spec"]["podSelector"], labels) for rule in p["spec"].get("ingress", [])]
            must(any(port["port"] == HTTP for rule in rules for port in rule["ports"]), "nobody may call the edge")
            must(not allowed(policies, "Ingress", labels, HTTP, {}), "anybody may call the edge")
            must(not allowed(policies, "Ingress", labels, HTTP, intake), "intake may call the edge")
            must(not allowed(policies, "Egress", labels, GRPC, labels), "the edge may call other edges")


def only_when_ready(release):
    for thing in release.of("StatefulSet") + release.of("Deployment"):
        pod = thing["spec"]["template"]["spec"]
        [container] = pod["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        served = {"http": HTTP} if thing["kind"] == "Deployment" else {"grpc": GRPC}
        must(ports == {**served, "operations": OPERATIONS}, f"{name(thing)} has the ports {ports}")
        for probe, path in (("startupProbe", "/startupz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/livez")):
            asked = container[probe]["httpGet"]
            must((asked["path"], asked["port"]) == (path, "operations"), f"{name(thing)}: {probe} asks {asked}")
        must(container["startupProbe"]["failureThreshold"] * container["startupProbe"]["periodSeconds"] >= 60,
             f"{name(thing)} restarts a replica that has folded for less than a minute")  # fmt: skip
        must(container["readinessProbe"]["failureThreshold"] * container["readinessProbe"]["periodSeconds"] <= 10,
             f"{name(thing)} gets calls for over ten seconds after it stopped serving")  # fmt: skip
        must(container["livenessProbe"]["failureThreshold"] * container["livenessProbe"]["periodSeconds"] >= 30,
             f"{name(thing)} restarts a replica after a hiccup")  # fmt: skip


def drained(release):
    for thing in release.of("StatefulSet") + release.of("Deployment"):
        pod = thing["spec"]["template"]["spec"]
        drain = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        grace = int(configuration(release, thing)["grace"].removesuffix("s"))
        must(drain >= 1, f"{name(thing)} stops before its clients know")
        graces = 1 if thing["kind"] == "Deployment" else 2  # of calls, and of the flush of the log
        must(pod["terminationGracePeriodSeconds"] >= drain + graces * grace + 5,
             f"{name(thing)} is killed before its calls and its log are done")  # fmt: skip


def configuration(release, thing):
    service = thing["metadata"]["labels"]["app.kubernetes.io/component"]
    return tomllib.loads(release.find("ConfigMap", thing["metadata"]["name"])["data"][f"{service}.toml"])


def mounted(release, spec):
    """The files in the mounted ConfigMaps and Secrets, and the mounts that can be written."""
    files, writable = set(), set()
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    for mount in spec["containers"][0]["volumeMounts"]:
        volume, path = volumes.get(mount["name"], {}), mount["mountPath"]
        if "configMap" in volume:
            source = release.find("ConfigMap", volume["configMap"]["name"])
            must(source is not None, f"there is no ConfigMap {volume['configMap']['name']}")
            files |= {f"{path}/{key}" for key in (source or {}).get("data", {})}
        elif "projected" in volume:
            must(volume["projected"]["defaultMode"] & 0o022 == 0, "secrets can be written by a group")
            for source in volume["projected"]["sources"]:  # without items: whatever the Secret has
                items = source["secret"].get("items", [{"path": ""}])
                files |= {f"{path}/{item['path']}" for item in items}
        else:
            writable.add(path)
    return files, writable


def words(tree):
    if isinstance(tree, dict):
        for value in tree.values():
            yield from words(value)
    elif isinstance(tree, str):
        yield tree


def files_are_there(release):
    for thing in release.of("StatefulSet") + release.of("Deployment"):
        spec = thing["spec"]["template"]["spec"]
        claims = {claim["metadata"]["name"] for claim in thing["spec"].get("volumeClaimTemplates", [])}
        for mount in spec["containers"][0]["volumeMounts"]:
            must(mount["name"] in claims | {volume["name"] for volume in spec["volumes"]}, f"{name(thing)} mounts no {mount['name']}")
        files, writable = mounted(release, spec)
        properties = release.find("ConfigMap", thing["metadata"]["name"])["data"].get("kafka.properties", "")
        named = list(words(configuration(release, thing))) + [line.partition("=")[2] for line in properties.splitlines()]
        for word in named + spec["containers"][0]["args"]:
            if word.startswith("/etc/"):
                must(word in files or word.rpartition("/")[0] + "/" in files, f"{name(thing)} names {word}, which is not mounted")
            elif word.startswith("/"):
                must(any(word.startswith(path + "/") for path in writable), f"{name(thing)} cannot write {word}")
    for thing in release.of("Job"):
        spec = thing["spec"]["template"]["spec"]
        files, _ = mounted(release, spec)
        for container in spec["containers"] + spec.get("initContainers", []):
            for word in container["args"]:
                must(not word.startswith("/etc/") or word in files, f"{name(thing)} names {word}, which is not mounted")
    for thing in release.of("Pod"):
        files, _ = mounted(release, thing["spec"])
        for container in thing["spec"]["containers"]:
            for word in container["args"]:
                must(not word.startswith("/etc/") or word in files, f"{name(thing)} names {word}, which is not mounted")


def restricted(release):
    for what, _, spec in release.pods():
        must(spec["automountServiceAccountToken"] is False, f"{what} has a token of the API server")
        must(spec["enableServiceLinks"] is False, f"{what} gets variables of Services, which look like settings")
        security = spec["securityContext"]
        must(security["runAsNonRoot"] and security["runAsUser"] == security["fsGroup"] == 10001, f"{what} runs as another user")
        must(security["seccompProfile"] == {"type": "RuntimeDefault"}, f"{what} has no seccomp profile")
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            must(not spec.get(key), f"{what} has {key}")
        for volume in spec["volumes"]:
            must(set(volume) - {"name"} <= {"configMap", "projected", "emptyDir", "persistentVolumeClaim"}, f"{what} mounts {volume}")
        for container in spec["containers"] + spec.get("initContainers", []):
            inner = container["securityContext"]
            must(inner == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
                 f"{what}: {container['name']} has more rights than it needs")  # fmt: skip
            resources = container["resources"]
            for resource in ("memory", "ephemeral-storage"):
                must(resource in resources["requests"] and resource in resources["limits"], f"{what}: no {resource}")
            must("cpu" in resources["requests"], f"{what}: no request of CPU")
            for variable in container.get("env", []):
                must("secretKeyRef" not in variable.get("valueFrom", {}), f"{what}: a secret in the environment")


def allowed(policies, direction, labels, port, peer):
    """Whether policies let a pod with these labels (ingress: be reached from, egress: reach) a peer at a port. The
    peer: labels of a pod of the same namespace, or None for any other address."""
    key = {"Ingress": "from", "Egress": "to"}[direction]
    chosen = [p["spec"] for p in policies if selects(p["spec"]["podSelector"], labels) and direction in p["spec"]["policyTypes"]]
    for spec in chosen:
        for rule in spec.get(direction.lower(), []):
            if port not in [p["port"] for p in rule["ports"]]:
                continue
            for one in rule.get(key, [None]):
                if one is None or (set(one) == {"podSelector"} and peer is not None and selects(one["podSelector"], peer)):
                    return True
    return not chosen


def closed(release):
    policies = release.of("NetworkPolicy")
    if not policies:
        return
    deny = [p for p in policies if not p["spec"].get("ingress") and not p["spec"].get("egress")]
    must(len(deny) == 1 and sorted(deny[0]["spec"]["policyTypes"]) == ["Egress", "Ingress"], "there is no default deny")
    pods = {labels["app.kubernetes.io/component"]: labels for _, labels, _ in release.pods()}
    for component, labels in pods.items():
        must(selects(deny[0]["spec"]["podSelector"], labels), f"the default deny leaves {component} out")
        for peer in [None, {}, *pods.values()]:
            for port in (22, 80, 443, 2379, 6443, 10250):
                for direction in ("Ingress", "Egress"):
                    must(not allowed(policies, direction, labels, port, peer), f"{component}: {direction} at {port} is open")
        of_service = component in SERVICES
        must(allowed(policies, "Ingress", labels, GRPC, pods["test"]) == of_service, f"{component}: the test's calls")
        must(not allowed(policies, "Ingress", labels, GRPC, {}), f"{component}: anybody may call")
        must(not allowed(policies, "Ingress", labels, OPERATIONS, {}), f"{component}: anybody may read metrics")
        must(not allowed(policies, "Ingress", labels, GRPC, pods["intake"]), f"{component}: intake may call")
        must(not of_service or not allowed(policies, "Egress", labels, GRPC, pods["intake"]), f"{component} may call intake")
        must(allowed(policies, "Egress", labels, GRPC, pods["intake"]) == (component in ("test", "edge")), f"{component}: calls to services")
    if "topics" in pods:
        for policy in policies:
            if selects(policy["spec"]["podSelector"], pods["topics"]) and policy is not deny[0]:
                must("pre-install" in hook(policy), f"{name(policy)} is too late for the topic job")


def sending(release):
    """Only outage-notice sends, only if it has subscribers, and webhooks only to public addresses."""
    policies, pods = release.of("NetworkPolicy"), {labels["app.kubernetes.io/component"]: labels for _, labels, _ in release.pods()}
    [notice] = [thing for thing in release.of("StatefulSet") if thing["metadata"]["labels"]["app.kubernetes.io/component"] == "outage-notice"]
    sends = "key" in configuration(release, notice).get("subscribers", {})
    for component, labels in pods.items():
        rules = [rule for p in policies if selects(p["spec"]["podSelector"], labels) for rule in p["spec"].get("egress", [])]
        blocks = [to["ipBlock"] for rule in rules for to in rule.get("to", []) if "ipBlock" in to]
        must(bool(blocks) == bool(policies and sends and component == "outage-notice"), f"{component}: ways out to {blocks}")
        for block in blocks:
            closed_to = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} if "." in block["cidr"] else {"fc00::/7", "fe80::/10"}
            must(closed_to <= set(block["except"]), f"{component}: private addresses are open")


def topics_first(release):
    for job in release.of("Job"):
        must(hook(job) == "pre-install,pre-upgrade", f"{name(job)} is no hook before installation and upgrade")
        spec = job["spec"]["template"]["spec"]
        for volume in spec["volumes"]:
            if "configMap" in volume:
                source = release.find("ConfigMap", volume["configMap"]["name"])
                must(hook(source) == hook(job) and weight(source) < weight(job), f"{name(job)} needs {name(source)} first")
        account = release.find("ServiceAccount", spec["serviceAccountName"])
        must(account is None, f"{name(job)} runs before its account exists")


def served(release):
    for service in SERVICES:
        [owner] = [s for s in release.of("StatefulSet") if s["metadata"]["labels"]["app.kubernetes.io/component"] == service]
        labels = owner["spec"]["template"]["metadata"]["labels"]
        chosen = {s["metadata"]["name"]: s["spec"] for s in release.of("Service") if selects({"matchLabels": s["spec"]["selector"]}, labels)}
        headless = chosen.pop(owner["spec"]["serviceName"], {})
        must(headless.get("clusterIP") == "None", f"{name(owner)} has no headless Service")
        must({port["port"] for port in headless["ports"]} == {GRPC, OPERATIONS}, f"{service}: ports of the headless Service")
        must(list(chosen) == [owner["metadata"]["name"]], f"{service}: its Services are {list(chosen)}")
        must([port["port"] for port in chosen[owner["metadata"]["name"]]["ports"]] == [GRPC], f"{service}: ports of the Service")
        for each in (owner["metadata"]["name"], owner["spec"]["serviceName"]):
            must(len(each) <= 63, f"the name {each} is too long")
        for certificate in release.of("Certificate"):
            if certificate["metadata"]["name"] == owner["metadata"]["name"]:
                host = f"{owner['metadata']['name']}.{owner['metadata']['namespace']}.svc"
                must(host in certificate["spec"]["dnsNames"], f"{name(certificate)} does not name {host}")


CHECKS = (all_services, one_replica_at_a_time, edge, only_when_ready, drained, files_are_there, restricted, closed, sending, topics_first, served)


def failures_of(text):
    """What is wrong with the rendered objects, one line each."""
    wrong.clear()
    release = Release([thing for thing in yaml.safe_load_all(text) if thing])
    for check in CHECKS:
        try:
            check(release)
        except (KeyError, TypeError, ValueError) as error:
            must(False, f"{check.__name__}: {error!r}")
    return list(wrong)


def main():
    failed = False
    for file in sys.argv[1:]:
        for line in failures_of(pathlib.Path(file).read_text(encoding="utf-8")):
            print(f"{file}: {line}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
