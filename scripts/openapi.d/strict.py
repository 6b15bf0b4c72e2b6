"""The description, as scripts/openapi fuzz holds the server to it.

    strict.py proto/openapi.json known.json > strict.json

- An answer has no field that is not described. The description itself says that a newer server may answer with more.
- The header with the deadline is left out: with a short one, 504 is right.
- known.json maps names of fields to values that exist: half of the requests ask about these.
"""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    known = json.load(file)
for schema in document["components"]["schemas"].values():
    if schema.get("type") != "object" or "properties" not in schema:
        continue
    given = "additionalProperties" in schema
    schema["additionalProperties"] = False
    for name, field in schema["properties"].items():
        if given and name in known and field.get("type") == "string":
            schema["properties"][name] = {"anyOf": [{"type": "string", "enum": known[name]}, field]}
for path in document["paths"].values():
    for operation in path.values():
        operation["parameters"] = [p for p in operation["parameters"] if p.get("$ref") != "#/components/parameters/timeout"]
json.dump(document, sys.stdout)
