// Connect's own client for browsers against the edge: node connect_web.cjs PACKAGES URL TOKEN. PACKAGES is the folder
// with its node_modules (scripts/setup --ci). The contract is read from its frozen image; no code is generated.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const [packages, baseUrl, token] = process.argv.slice(2);
const from = createRequire(path.resolve(packages) + "/");
const { createFileRegistry, fromBinary } = from("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = from("@bufbuild/protobuf/wkt");
const { Code, ConnectError, createClient } = from("@connectrpc/connect");
const { createConnectTransport } = from("@connectrpc/connect-web");

const image = fs.readFileSync(path.join(__dirname, "../../proto/frozen.binpb"));
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
const authorize = (next) => (request) => {
  request.header.set("Authorization", `Bearer ${token}`);
  return next(request);
};

async function calls(useBinaryFormat) {
  const transport = createConnectTransport({ baseUrl, useBinaryFormat, interceptors: [authorize] });
  const intake = createClient(registry.getService("throughline.intake.v1.IntakeService"), transport);
  const outage = createClient(registry.getService("throughline.outage.v1.OutageNoticeService"), transport);

  const opened = await intake.openCase({ customerId: "c-web", subject: "Hello", text: "From a browser", channel: 1, separate: true });
  assert.match(opened.caseId, /./);
  const read = await intake.getCase({ caseId: opened.caseId, consistencyToken: opened.consistencyToken });
  assert.strictEqual(read.case.subject, "Hello");

  const refused = await intake.getCase({ caseId: "no-such-case" }).then(() => null, ConnectError.from);
  assert.strictEqual(refused.code, Code.NotFound);
  const [info] = refused.findDetails(registry.getMessage("google.rpc.ErrorInfo"));
  assert.strictEqual(info.reason, "CASE_UNKNOWN");

  const late = await (async () => {
    for await (const notice of outage.watchNotices({}, { timeoutMs: 500 })) assert.notStrictEqual(notice.consistencyToken, "");
  })().then(() => null, ConnectError.from);
  assert.strictEqual(late.code, Code.DeadlineExceeded);
}

calls(false)
  .then(() => calls(true))
  .then(() => console.log("connect-web: all passed"))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
