// Reads our JSON with a client of Statuspage that others made: node statuspage.cjs PACKAGES URL NOTICES.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const [packages, url, noticesFile] = process.argv.slice(2);
const { Statuspage } = createRequire(path.resolve(packages) + "/")("statuspage.io");
const notices = JSON.parse(fs.readFileSync(noticesFile, "utf8"));

const incidentStatus = ["investigating", "identified", "monitoring", "resolved", "postmortem"];
const maintenanceStatus = ["scheduled", "in_progress", "verifying", "completed"];
const impact = ["none", "minor", "major", "critical"];
const componentStatus = ["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"];

async function main() {
  const client = new Statuspage("throughline");
  client.setApiUrl(url);
  const { api } = client;
  const { status, page } = await api.getStatus();
  assert.deepStrictEqual(status, { indicator: "major", description: "Partial System Outage" });
  assert.strictEqual(page.name, "Acme status");
  assert.strictEqual(page.url, url);
  const { components } = await api.getComponents();
  assert.strictEqual(components.length, 7, "five and two groups");
  for (const component of components) assert.ok(componentStatus.includes(component.status), component.status);
  const { incidents } = await api.incidents.getAll();
  assert.deepStrictEqual(incidents.map((one) => one.status), ["investigating", "identified", "postmortem"]);
  for (const incident of incidents) {
    assert.ok(incidentStatus.includes(incident.status) && impact.includes(incident.impact));
    for (const update of incident.incident_updates) {
      assert.ok(incidentStatus.includes(update.status), update.status);
      assert.strictEqual(update.incident_id, incident.id);
    }
    for (const time of ["created_at", "updated_at"]) assert.ok(!Number.isNaN(Date.parse(incident[time])));
  }
  const open = (await api.incidents.getUnresolved()).incidents;
  assert.strictEqual(open.length, 2);
  const outage = open.find((one) => one.id === notices.outage);
  assert.strictEqual(outage.name, "Cards are refused");
  assert.strictEqual(outage.shortlink, `${url}/notices/${notices.outage}`);
  assert.ok(Date.parse(outage.expected_end) > Date.now());
  assert.strictEqual(outage.next_update_overdue, true);
  const planned = await api.scheduledMaintenances.getAll();
  assert.ok(planned.scheduled_maintenances.every((one) => maintenanceStatus.includes(one.status)));
  assert.strictEqual((await api.scheduledMaintenances.getUpcoming()).scheduled_maintenances[0].name, "The app is renewed");
  // Of this client's version, getActive asks for the upcoming ones, too.
  const active = await (await fetch(`${url}/api/v2/scheduled-maintenances/active.json`)).json();
  assert.deepStrictEqual(active.scheduled_maintenances, []);
  const summary = await api.getSummary();
  assert.deepStrictEqual(summary.status, status);
  assert.strictEqual(summary.incidents.length, 2);
  assert.strictEqual(summary.scheduled_maintenances.length, 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
