"""The OpenAPI 3.1 description of the services over HTTP: what services/edge answers, by the Connect protocol.

    openapi.py build/lint/contract.json > proto/openapi.json
"""

import json
import re
import sys

from contract import ACCESS, Contract, Schemas, deprecated

# https://connectrpc.com/docs/protocol#error-codes: HTTP status, codes, when.
STATUSES = {
    400: ("invalid_argument, failed_precondition, out_of_range", "The request is malformed, or refused as things stand"),
    401: ("unauthenticated", "There is no valid credential"),
    403: ("permission_denied", "The credential does not permit it"),
    404: ("not_found", "What it is about is not there"),
    408: ("unknown", "The request came too slowly"),
    409: ("already_exists, aborted", "It is there already, or others changed it at the same time: send it again"),
    413: ("resource_exhausted", "The body is too large"),
    415: ("unknown", "The body is not JSON, by its Content-Type"),
    429: ("resource_exhausted", "Too many calls, or the message is too large when it is unpacked"),
    431: ("resource_exhausted", "The headers are too large"),
    499: ("canceled", "The call was cancelled"),
    500: ("internal, unknown, data_loss", "A fault of the server"),
    501: ("unimplemented", "The body is compressed in another way than gzip"),
    503: ("unavailable", "The service cannot be reached, or there is too much to do. The outcome of a command is unknown: send it "
          "again, with the same commandId"),
    504: ("deadline_exceeded", "There was not enough time. The outcome of a command is unknown: send it again, with the same commandId"),
}
# What every call may be answered with; a call's comment names the rest.
COMMON = [400, 401, 403, 408, 409, 413, 415, 429, 431, 499, 500, 501, 503, 504]
NAMED = {"NOT_FOUND": 404}
CODES = ["canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists", "permission_denied",
         "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented", "internal", "unavailable",
         "data_loss", "unauthenticated"]

ABOUT = """The services of Throughline as JSON over HTTP, by the [Connect protocol](https://connectrpc.com/docs/protocol).
This description is made from the contract (`proto/`), whose comments it repeats.

- Every call is a `POST` of a JSON object to the path of its method. Calls that only read may use `GET`, with the request in the query.
- Fields that have their default (an empty string, 0, false, the first value of an enum, an empty list) may be left out, and are left out
  of answers. 64-bit numbers are strings. Lengths are limits in bytes of UTF-8; `maxLength` counts characters.
- A field that a request does not have is refused. An answer may have more fields, and enums more values, than this says.
- The binary format (`application/proto`), gzip in both directions and Connect's other parameters of `GET` are served as well.
- Calls that stream are not described: use a client of Connect for {server_streams}, and gRPC for {client_streams}.
- Errors are JSON: `code`, `message`, and `details` as of google.rpc, with a reason in `debug`.
"""

PARAMETERS = {
    "encoding": {"name": "encoding", "in": "query", "required": True, "description": "The format of `message`.",
                 "schema": {"type": "string", "enum": ["json"]}},
    "connect": {"name": "connect", "in": "query", "description": "The version of the protocol.",
                "schema": {"type": "string", "enum": ["v1"]}},
    "timeout": {"name": "Connect-Timeout-Ms", "in": "header",
                "description": "The deadline of the call, in milliseconds from now. Without it, 30 seconds or what is configured.",
                "schema": {"type": "integer", "minimum": 1, "maximum": 9_999_999_999}},
    "correlation": {"name": "X-Correlation-Id", "in": "header",
                    "description": "Written into the logs, and into the events that the call makes.",
                    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}},
}
HEADERS = ["timeout", "correlation"]

ERROR = {
    "type": "object",
    "title": "Error",
    "description": "Why a call was refused or failed.",
    "required": ["code"],
    "properties": {
        "code": {"type": "string", "enum": CODES},
        "message": {"type": "string", "description": "For people; not to be parsed."},
        "details": {"type": "array", "items": {
            "type": "object",
            "required": ["type", "value"],
            "properties": {
                "type": {"type": "string", "description": "Its message, for instance `google.rpc.ErrorInfo` or `google.rpc.BadRequest`."},
                "value": {"type": "string", "description": "The message in the binary format, as base64 without padding."},
                "debug": {"type": "object", "description": "The message as JSON: `reason` of ErrorInfo, `fieldViolations` of BadRequest."},
            },
            "additionalProperties": False,
        }},
    },
    "additionalProperties": False,
}


def refusal(status):
    codes, when = STATUSES[status]
    answer = {"description": f"{when} ({codes}).",
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"description": "Seconds until it is worth trying again, if that is known.",
                                             "schema": {"type": "integer", "minimum": 1}}}
    return answer


def roles_of(method):
    return [role.removeprefix("ROLE_").lower() for role in method["options"][ACCESS]["roles"]]


def is_read(method):
    return method.get("options", {}).get("idempotencyLevel") == "NO_SIDE_EFFECTS"


def streams(method):
    return method.get("serverStreaming") or method.get("clientStreaming")


def summary_of(comment):
    """The first sentence."""
    text = " ".join(comment.split("\n\n")[0].split())
    return re.split(r"(?<=\.) ", text)[0].removesuffix(".")


class OpenApi:
    def __init__(self, contract):
        self.contract = contract
        self.given = Schemas(contract, given=True)
        self.answered = Schemas(contract, given=False)
        self.paths, self.tags = {}, []
        self.streaming = {"serverStreaming": [], "clientStreaming": []}

    def document(self):
        for full_name, service in self.contract.our_services().items():
            self.tags.append({"name": service["name"], "description": service["comment"] + "\n\n" + service["fileComment"]})
            for method in service["method"]:
                self.add(full_name, service, method)
        self.distinguish()
        about = ABOUT.format(server_streams=", ".join(f"`{name}`" for name in self.streaming["serverStreaming"]),
                             client_streams=", ".join(f"`{name}`" for name in self.streaming["clientStreaming"]))
        return {
            "openapi": "3.1.0",
            "info": {"title": "Throughline", "version": "v1", "description": about},
            "servers": [{"url": "/", "description": "This edge"}],
            "security": [{"credential": []}],
            "tags": self.tags,
            "paths": self.paths,
            "components": {
                "securitySchemes": {"credential": {
                    "type": "http", "scheme": "bearer",
                    "description": "The token of a credential: `throughline token add`, or `<data>/credentials/<name>.token`."}},
                "parameters": PARAMETERS,
                "responses": {str(status): refusal(status) for status in sorted(STATUSES)},
                "schemas": {"Error": ERROR, **dict(sorted({**self.answered.all, **self.given.all}.items()))},
            },
        }

    def distinguish(self):
        """Messages that are given and answered have two schemas: those that are given get a name of their own."""
        both = {name for name in self.given.all if name in self.answered.all and name in self.contract.messages}
        renamed = {self.given.prefix + name: self.given.prefix + name + ".given" for name in both}

        def rename(node):
            if isinstance(node, dict):
                return {key: renamed.get(value, value) if key == "$ref" else rename(value) for key, value in node.items()}
            return [rename(entry) for entry in node] if isinstance(node, list) else node

        self.given.all = {name + (".given" if name in both else ""): rename(schema) for name, schema in self.given.all.items()}

    def add(self, service_name, service, method):
        if streams(method):
            self.streaming["clientStreaming" if method.get("clientStreaming") else "serverStreaming"].append(method["name"])
            return
        request = self.given.ref(method["inputType"])
        named = [status for code, status in NAMED.items() if re.search(rf"\b{code}\b", method["comment"])]
        operation = {
            "tags": [service["name"]],
            "summary": summary_of(method["comment"]),
            "description": f"{method['comment']}\n\nRoles: {', '.join(roles_of(method))}.",
            **({"deprecated": True} if deprecated(method) else {}),
        }
        responses = {
            "200": {"description": "Done.", "content": {"application/json": {"schema": self.answered.ref(method["outputType"])}}},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(COMMON + named)},
        }
        headers = [{"$ref": f"#/components/parameters/{name}"} for name in HEADERS]
        path = {"post": {
            **operation,
            "operationId": f"{service['name']}_{method['name']}",
            "parameters": headers,
            "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
            "responses": responses,
        }}
        if is_read(method):
            path["get"] = {
                **operation,
                "operationId": f"{service['name']}_{method['name']}_get",
                "parameters": [
                    {"name": "message", "in": "query", "required": True, "description": "The request, as JSON.",
                     "content": {"application/json": {"schema": request}}},
                    {"$ref": "#/components/parameters/encoding"},
                    {"$ref": "#/components/parameters/connect"},
                    *headers,
                ],
                "responses": responses,
            }
        self.paths[f"/{service_name}/{method['name']}"] = path


if __name__ == "__main__":
    json.dump(OpenApi(Contract.read(sys.argv[1])).document(), sys.stdout, indent=1, ensure_ascii=False)
    print()
