"""Are customers looked after?"""

from panels import Graph, Row, Stat, dashboard

# All replicas count the same; one that starts anew counts from 0.
PANELS = [
    Row("Now"),
    Stat("Cases without an owner", "max(throughline_cases_without_owner)", bad=1, text="Must be 0, always."),
    Stat("Cases that wait for a rep", "max(throughline_cases_waiting_for_rep)", bad=1, text="A supervisor or the fallback owner answers for them meanwhile."),
    Stat("Customers who wait for an answer", "max(throughline_customers_waiting)", text="Cases in which the customer spoke last."),
    Stat("Commitments overdue", "max(throughline_commitments_overdue)", bad=1, text="Past their due time, not yet recorded as broken: the timers do not run."),
    Stat("Promises broken in a day", "clamp_min(delta(job:throughline_promises_broken:max[1d]), 0)", bad=0.5),
    Stat("Orders at risk", "max(throughline_orders_at_risk)", bad=5),
    Stat("Notices overdue", "max(throughline_notices_overdue)", bad=1, text="Customers were told when they hear more, and have not."),
    Row("Cases"),
    Graph("Open cases", {"open": "max(throughline_open_cases)", "the customer waits": "max(throughline_customers_waiting)", "wait for a rep": "max(throughline_cases_waiting_for_rep)", "without an owner": "max(throughline_cases_without_owner)"}),
    Graph(
        "What happens with cases, per hour",
        {
            "opened": '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="OpenCase",code="OK"}[$__rate_interval]))',
            "closed": '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="CloseCase",code="OK"}[$__rate_interval]))',
            "told to us or by us": '3600 * sum(rate(throughline_rpc_handled_total{rpc_method="RecordInteraction",code="OK"}[$__rate_interval]))',
        },
        text="Calls. Cases that open by themselves, because of an order at risk, are not calls.",
    ),
    Graph(
        "Closed: did the customer confirm?",
        {"confirmed": "max(throughline_cases_closed_confirmed_total)", "not confirmed": "max(throughline_cases_closed_unconfirmed_total)", "reopened, ever": "max(throughline_case_reopenings_total)", "confirmation taken back, ever": "max(throughline_confirmations_taken_back_total)"},
    ),
    Graph(
        "Hand-overs",
        {"offers open": "max(throughline_handoffs_open)", "straight back, ever": "max(throughline_handoff_ping_pongs_total)"},
        text="Straight back: from A to B to A. A customer was passed around.",
    ),
    Row("Promises and other commitments"),
    Graph("Promises", {"open": "max(throughline_promises_open)", "kept, ever": "job:throughline_promises_kept:max", "broken, ever": "job:throughline_promises_broken:max"}),
    Graph(
        "Broken, of those that fell due",
        {
            "in a day": "delta(job:throughline_promises_broken:max[1d]) / (delta(job:throughline_promises_broken:max[1d]) + delta(job:throughline_promises_kept:max[1d]) > 0)",
            "budget": "vector(0.05)",
        },
        unit="percentunit",
    ),
    Graph(
        "All commitments",
        {"open": "max(throughline_commitments_open)", "broken, without promises, ever": "job:throughline_commitments_broken:max"},
        text="Besides promises: an answer, the next update, the next action.",
    ),
    Stat("Budget of broken promises left (30 d)", "job:throughline_promise_budget_left:ratio30d", good=0, unit="percentunit"),
]

DASHBOARD = dashboard("throughline-customers", "customers", __doc__, PANELS)
