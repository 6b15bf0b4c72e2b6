"""Makes the schemas that kubeconform reads: schemas.py TARGET CRDS VERSION...

Kubernetes' own come from the package kubernetes-validate, as strict ones, one folder for each version; those of the
operators from their CustomResourceDefinitions, made as strict: a field that the definition does not know is refused.
"""

import json
import pathlib
import sys

import kubernetes_validate
import yaml


def kubernetes(target, version):
    source = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{version}-local-strict"
    folder = target / f"v{version}-local-strict"
    folder.mkdir(parents=True)
    for file in source.glob("*.json"):
        text = file.read_text().replace('"/api/_definitions.json', '"_definitions.json')
        schema = json.loads(text)
        # Else references are resolved against a host that does not have them.
        schema.pop("$id", None)
        (folder / file.name).write_text(json.dumps(schema))


def strict(schema):
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("anyOf", None)
        result["type"] = ["integer", "string"]
    return result


def custom(target, file):
    for definition in yaml.safe_load_all(file.read_text()):
        kind = definition["spec"]["names"]["kind"].lower()
        for version in definition["spec"]["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            schema["properties"]["metadata"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            (target / f"{kind}_{version['name']}.json").write_text(json.dumps(strict(schema)))


def main():
    target, crds = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for version in sys.argv[3:]:
        kubernetes(target, version)
    for file in sorted(crds.glob("*.yaml")):
        custom(target, file)


main()
