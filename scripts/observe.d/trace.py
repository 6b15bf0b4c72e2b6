#!/usr/bin/env python3
"""Follows the demo's order in a real OpenTelemetry collector, from the web shop's call over HTTP through the edge and three
services, and shows the trace as a tree.

    trace.py --collector PROGRAM

The shop places an order at the edge and names a trace of its own (W3C Trace Context). The vendor says nothing, so the
promised time passes; a case opens by itself; nobody writes to the customer within a minute, and that is broken. All of it
must be one tree in what the collector received.
"""

import argparse
import datetime
import json
import pathlib
import secrets
import socket
import sys

from harness import Edge, Suite, Workplace, await_

SERVICES_SEEN = ("throughline-edge", "throughline-supplier-tracking", "throughline-intake", "throughline-ownership")


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Collector:
    """Keeps what it gets in a file of JSON lines."""

    def __init__(self, place, program):
        self.endpoint, self.file = f"127.0.0.1:{free_port()}", place.path / "spans.json"
        config = place.path / "collector.yaml"
        config.write_text(json.dumps({  # JSON is YAML
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": self.endpoint}}}},
            "exporters": {"file": {"path": str(self.file)}, "debug": {}},
            "service": {"telemetry": {"metrics": {"level": "none"}},
                        "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["file", "debug"]}}}}))  # fmt: skip
        place.start("collector", [program, f"--config=file:{config}"], r"Everything is ready")

    def spans(self):
        """(service, span) of each that came."""
        found = []
        text = self.file.read_text() if self.file.exists() else ""
        for line in text[: text.rfind("\n") + 1].splitlines():  # the last may still be written
            for resource in json.loads(line)["resourceSpans"]:
                names = [one["value"]["stringValue"] for one in resource["resource"]["attributes"] if one["key"] == "service.name"]
                found += [(names[0], span) for scope in resource["scopeSpans"] for span in scope["spans"]]
        return found


def tree(spans, trace_id):
    """Lines of a trace, each span below its parent, in order of their beginnings."""
    spans = sorted((one for one in spans if one[1]["traceId"] == trace_id), key=lambda one: int(one[1]["startTimeUnixNano"]))
    ids, lines = {span["spanId"] for _, span in spans}, []
    first = int(spans[0][1]["startTimeUnixNano"]) if spans else 0

    def draw(service, span, depth):
        begin, end = (int(span[name]) for name in ("startTimeUnixNano", "endTimeUnixNano"))
        about = {one["key"]: one["value"].get("stringValue", "") for one in span.get("attributes", ())}
        what = about.get("throughline.events") or about.get("throughline.cause") or about.get("throughline.outcome") or about.get("http.response.status_code", "")
        lines.append(f"{(begin - first) / 1e6:9.1f} ms {(end - begin) / 1e6:8.1f} ms  {'  ' * depth}{service.removeprefix('throughline-')}: {span['name']}  [{what}]")
        for below in spans:
            if below[1].get("parentSpanId") == span["spanId"]:
                draw(*below, depth + 1)

    for service, span in spans:
        if span.get("parentSpanId", "") not in ids:
            draw(service, span, 0)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collector", required=True, type=pathlib.Path, help="an OpenTelemetry collector with OTLP and the file exporter")
    arguments = parser.parse_args()
    with Workplace() as place:
        collector = Collector(place, arguments.collector)
        suite = Suite(place, ["--tracing-endpoint", collector.endpoint, "--log-level", "info", "--next-update-within", "1m"])
        edge = Edge(place, suite, ["--tracing-endpoint", collector.endpoint])
        suite.tl("ana", "availability", "available", "--team", "care")
        suite.tl("sam", "availability", "on-duty")
        trace_id = secrets.token_hex(16)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        status, answer = edge.call(
            "webshop", "throughline.supplier.v1.SupplierTrackingService/PlaceOrder",
            {"orderId": "SO-1001", "customerId": "C-17", "promisedTime": soon.isoformat().replace("+00:00", "Z"), "owner": "ana",
             "destinationZone": "America/New_York",
             "lines": [{"lineId": "1", "sku": "KETTLE-2", "quantity": 1, "vendorId": "acme", "description": "Kettle"}]},
            {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01", "tracestate": "shop=1"})  # fmt: skip
        if status != 200:
            raise RuntimeError(f"PlaceOrder: {status} {answer}")

        def complete():
            seen = [(service, span["name"]) for service, span in collector.spans() if span["traceId"] == trace_id]
            return {("throughline-ownership", "commit ownership"), ("throughline-ownership", "timer on ownership")} <= set(seen)

        await_(complete, 120, "the broken next update to appear in the trace")
        lines = tree(collector.spans(), trace_id)
        print(f"trace {trace_id}, as the collector got it: begins, takes, who: what")
        print("\n".join(lines))
        roots = [line for line in lines if "ms  edge: " in line]
        missing = [service for service in SERVICES_SEEN if not any(f"{service.removeprefix('throughline-')}: " in line for line in lines)]
        if missing or len(roots) != 1 or lines[0] != roots[0]:
            raise RuntimeError(f"not one tree from the edge: {len(roots)} roots of the edge, nothing of {missing}")
        logged = [name for name in ("suite", "edge") if trace_id in (place.path / f"{name}.log").read_text()]
        if logged != ["suite", "edge"]:
            raise RuntimeError(f"the trace's id stands in the log of {logged} alone")
        print(f"{len(lines)} spans, one tree; the trace's id stands in the lines of the edge's log and of the suite's, too:")
        for name in logged:
            print("\n".join(f"  {name}: {line}" for line in (place.path / f"{name}.log").read_text().splitlines() if trace_id in line))
    return 0


try:
    sys.exit(main())
except (RuntimeError, TimeoutError) as error:
    sys.exit(str(error))
