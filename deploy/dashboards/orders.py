"""Orders and carriers: do they arrive, and does anybody tell us?"""

from panels import Graph, Row, Stat, dashboard

PANELS = [
    Row("Now"),
    Stat("Open orders", "max(throughline_orders_open)"),
    Stat("At risk", "max(throughline_orders_at_risk)", bad=5, text="Expected after their promise. Each has a case and an owner."),
    Stat("At risk, of those open", "max(throughline_orders_at_risk) / (max(throughline_orders_open) > 0)", bad=0.1, unit="percentunit"),
    Stat("Carriers' reports in quarantine", "max(throughline_carrier_events_quarantined)", bad=1, text="No map covers their code."),
    Row("Orders"),
    Graph("Orders", {"open": "max(throughline_orders_open)", "at risk": "max(throughline_orders_at_risk)"}),
    Graph("With which something is wrong", {"{{kind}}": "max by (kind) (throughline_orders_with_concern) > 0"}, text="`throughline order list --with-concern` names them. Each has a case and an owner."),
    Graph(
        "What vendors and shops tell, per minute",
        {
            "orders placed": '60 * sum(rate(throughline_rpc_handled_total{rpc_method="PlaceOrder",code="OK"}[$__rate_interval]))',
            "vendors' updates": '60 * sum(rate(throughline_rpc_handled_total{rpc_method="RecordVendorUpdate",code="OK"}[$__rate_interval]))',
            "shipments added": '60 * sum(rate(throughline_rpc_handled_total{rpc_method="AddShipment",code="OK"}[$__rate_interval]))',
        },
    ),
    Row("Carriers"),
    Graph(
        "Carriers' messages, per second",
        {"{{rpc_method}}": 'sum by (rpc_method) (rate(throughline_rpc_messages_received_total{rpc_method=~"Push.*"}[$__rate_interval]))'},
        text="PushRawEvents: payloads in the carrier's own form. PushStatusEvents: events one by one.",
    ),
    Graph("Silent for", {"{{partner}}": "time() - max by (partner) (throughline_partner_last_event_timestamp_seconds)"}, unit="s", text="Since the last report of each carrier and vendor."),
    Graph(
        "In quarantine",
        {"carriers' reports": "max(throughline_carrier_events_quarantined)", "vendors' documents": "max(throughline_vendor_documents_quarantined)"},
        text="`throughline order quarantine` counts carriers' by code, `throughline vendor quarantined` lists vendors'.",
    ),
    Graph("Pushes that are open", {"{{rpc_method}}": 'sum by (rpc_method) (throughline_rpc_in_flight{rpc_method=~"Push.*"})'}),
    Graph(
        "Calls of vendors and carriers that failed, per minute",
        {"{{rpc_method}} {{code}}": '60 * sum by (rpc_method, code) (rate(throughline_rpc_handled_total{job="supplier-tracking",rpc_method=~"Push.*|RecordVendorUpdate|AddShipment",code!="OK"}[$__rate_interval]))'},
        text="PERMISSION_DENIED: somebody reports for another. RESOURCE_EXHAUSTED: faster than limits.identity-events.",
    ),
]

DASHBOARD = dashboard("throughline-orders", "orders and carriers", __doc__, PANELS)
