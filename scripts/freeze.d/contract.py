"""The contract as buf's JSON image has it: messages, enums, services and their comments, and their JSON schemas.

    contract = Contract.read("build/lint/contract.json")
    schemas = Schemas(contract, given=True)
    schemas.ref("throughline.intake.v1.OpenCaseRequest")   # {"$ref": "#/components/schemas/..."}; schemas.all has it
"""

import json
import re

RULE = "[throughline.common.v1.rule]"
ACCESS = "[throughline.common.v1.access]"

# Of a descriptor's fields, as SourceCodeInfo counts them: FileDescriptorProto.message_type and so on.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE = 4, 5, 6
MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM, ENUM_VALUE, SERVICE_METHOD = 2, 3, 4, 2, 2
FILE_PACKAGE = 2


def prose(text):
    """A comment as Markdown: without the blank that follows the slashes."""
    lines = [line[1:] if line.startswith(" ") else line for line in text.split("\n")]
    return "\n".join(lines).strip()


class Contract:
    def __init__(self, image):
        self.messages, self.enums, self.services, self.packages = {}, {}, {}, {}
        for file in image["file"]:
            comments = {
                tuple(at["path"]): prose(at["leadingComments"])
                for at in file.get("sourceCodeInfo", {}).get("location", [])
                if "leadingComments" in at
            }
            package = file["package"]
            self.packages.setdefault(package, []).append(comments.get((FILE_PACKAGE,), ""))
            for i, message in enumerate(file.get("messageType", [])):
                self._add_message(package, message, (FILE_MESSAGE, i), comments)
            for i, enum in enumerate(file.get("enumType", [])):
                self._add_enum(package, enum, (FILE_ENUM, i), comments)
            for i, service in enumerate(file.get("service", [])):
                path = (FILE_SERVICE, i)
                service["comment"] = comments.get(path, "")
                service["fileComment"] = comments.get((FILE_PACKAGE,), "")
                for j, method in enumerate(service["method"]):
                    method["comment"] = comments.get(path + (SERVICE_METHOD, j), "")
                self.services[f"{package}.{service['name']}"] = service

    @classmethod
    def read(cls, path):
        with open(path, encoding="utf-8") as image:
            return cls(json.load(image))

    def _add_message(self, prefix, message, path, comments):
        name = f"{prefix}.{message['name']}"
        message["comment"] = comments.get(path, "")
        for i, field in enumerate(message.get("field", [])):
            field["comment"] = comments.get(path + (MESSAGE_FIELD, i), "")
        for i, nested in enumerate(message.get("nestedType", [])):
            self._add_message(name, nested, path + (MESSAGE_NESTED, i), comments)
        for i, enum in enumerate(message.get("enumType", [])):
            self._add_enum(name, enum, path + (MESSAGE_ENUM, i), comments)
        self.messages[name] = message

    def _add_enum(self, prefix, enum, path, comments):
        enum["comment"] = comments.get(path, "")
        for i, value in enumerate(enum["value"]):
            value["comment"] = comments.get(path + (ENUM_VALUE, i), "")
        self.enums[f"{prefix}.{enum['name']}"] = enum

    def our_services(self):
        return {name: service for name, service in self.services.items() if name.startswith("throughline.")}


def deprecated(thing):
    return thing.get("options", {}).get("deprecated", False)


# The classes of libs/server/checks/characters.cc that matter most; the server knows more of them.
CONTROL = r"\u0000-\u001f\u007f-\u009f"
INVISIBLE = r"\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
LINE = rf"^([^{CONTROL}{INVISIBLE}\u0020]([^{CONTROL}{INVISIBLE}]*[^{CONTROL}{INVISIBLE}\u0020])?)?$"

# What a field may hold by its format (proto/throughline/common/v1/field_rule.proto): limit in bytes, JSON Schema.
FORMATS = {
    "FIELD_FORMAT_ID": (128, {"pattern": LINE}),
    "FIELD_FORMAT_LINE": (512, {"pattern": LINE}),
    "FIELD_FORMAT_TEXT": (16 << 10, {"pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"}),
    "FIELD_FORMAT_WORDS": (512, {"pattern": rf"^[^{CONTROL}]*$"}),
    "FIELD_FORMAT_OPAQUE": (16 << 10, {"pattern": r"^[!-~]*$"}),
    "FIELD_FORMAT_TRACKING_NUMBER": (64, {"pattern": r"^[A-Za-z0-9 -]*$"}),
    "FIELD_FORMAT_ZONE": (64, {}),
}

# https://protobuf.dev/programming-guides/json/
SCALARS = {
    "TYPE_BOOL": {"type": "boolean"},
    "TYPE_INT32": {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    "TYPE_UINT32": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    "TYPE_INT64": {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,18}$"},
    "TYPE_UINT64": {"type": "string", "format": "uint64", "pattern": "^[0-9]{1,19}$"},
    "TYPE_FIXED64": {"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"},
    "TYPE_FLOAT": {"type": "number", "format": "float"},
    "TYPE_DOUBLE": {"type": "number", "format": "double"},
    "TYPE_BYTES": {"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/_-]*={0,2}$"},
    "TYPE_STRING": {"type": "string"},
}
WELL_KNOWN = {
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    ".google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
    ".google.protobuf.Any": {"type": "object", "required": ["@type"], "properties": {"@type": {"type": "string"}}},
}


class Schemas:
    """JSON schemas of messages, made when they are referred to.

    `given`: of what a client sends: with the rules of the fields, and no other fields. Else of what it gets: a newer
    server may answer with more.
    """

    def __init__(self, contract, given, prefix="#/components/schemas/", suffix=""):
        self.contract, self.given, self.prefix, self.suffix = contract, given, prefix, suffix
        self.all = {}

    def ref(self, name):
        name = name.removeprefix(".")
        is_enum = name in self.contract.enums
        key = name + ("" if is_enum else self.suffix)
        if key not in self.all:
            self.all[key] = {}  # a message may contain itself
            self.all[key] = self._enum(name) if is_enum else self._message(name)
        return {"$ref": self.prefix + key}

    def _enum(self, name):
        enum = self.contract.enums[name]
        values = [value for value in enum["value"] if not value["name"].endswith("_UNSPECIFIED")]
        meanings = [f"- `{value['name']}`: {' '.join(value['comment'].split())}" for value in values]
        return {
            "type": "string",
            "description": "\n".join([enum["comment"], "", *meanings]).strip(),
            "enum": [value["name"] for value in enum["value"]],
        }

    def _message(self, name):
        message = self.contract.messages[name]
        schema = {"type": "object", "title": name.split(".v1.")[-1], "description": self._about(message)}
        properties, required = {}, []
        for field in message.get("field", []):
            if field.get("type") == "TYPE_GROUP":
                raise ValueError(f"{name}.{field['name']}: groups have no JSON")
            needed = self.given and re.search(r"(^|\. )Required\.($|\s)", " ".join(field["comment"].split()))
            properties[field["jsonName"]] = self._field(field, bool(needed))
            if needed:
                required.append(field["jsonName"])
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = required
        if self.given:
            schema["additionalProperties"] = False
        return {key: value for key, value in schema.items() if value != ""}

    def _about(self, message):
        about = [message["comment"]]
        for i, oneof in enumerate(message.get("oneofDecl", [])):
            members = [f["jsonName"] for f in message["field"] if f.get("oneofIndex") == i and not f.get("proto3Optional")]
            if len(members) > 1:
                about.append("At most one of " + ", ".join(f"`{member}`" for member in members) + ".")
        return "\n\n".join(part for part in about if part)

    def _field(self, field, required):
        rule = field.get("options", {}).get(RULE, {})
        schema = self._value(field, rule, required)
        if field["label"] == "LABEL_REPEATED":
            entry = self._map_entry(field)
            if entry is not None:
                schema = {"type": "object", "additionalProperties": self._value(entry, {}, False)}
            else:
                schema = {"type": "array", "items": schema}
                if self.given and "maxItems" in rule:
                    schema["maxItems"] = rule["maxItems"]
                if required:
                    schema["minItems"] = 1
        about = {"description": field["comment"]} if field["comment"] else {}
        if deprecated(field):
            about["deprecated"] = True
        return {**about, **schema}

    def _map_entry(self, field):
        message = self.contract.messages.get(field.get("typeName", "").removeprefix("."), {})
        if not message.get("options", {}).get("mapEntry"):
            return None
        return next(part for part in message["field"] if part["name"] == "value")

    def _value(self, field, rule, required):
        kind, name = field["type"], field.get("typeName")
        if name in WELL_KNOWN:
            return dict(WELL_KNOWN[name])
        if kind in ("TYPE_MESSAGE", "TYPE_ENUM"):
            return self.ref(name)
        schema = dict(SCALARS[kind])
        if kind != "TYPE_STRING" or not self.given:
            return schema
        most, more = FORMATS.get(rule.get("format"), (None, {}))
        if most is not None:
            schema["maxLength"] = rule.get("maxBytes", most)
        if required:
            schema["minLength"] = 1
        return {**schema, **more}
