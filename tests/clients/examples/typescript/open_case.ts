// Opens a case, reads it back, and is refused: open_case.ts URL TOKEN. Generated code: see proto/README.md. In a browser
// the same, without the first lines.
import assert from "node:assert";
import { randomUUID } from "node:crypto";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Channel } from "./gen/throughline/intake/v1/case_pb.js";
import { IntakeService } from "./gen/throughline/intake/v1/intake_service_pb.js";

const [baseUrl, token] = process.argv.slice(2);

// README
const authorize: Interceptor = (next) => (request) => {
  request.header.set("Authorization", `Bearer ${token}`);
  return next(request);
};
const intake = createClient(IntakeService, createConnectTransport({ baseUrl, useHttpGet: true, interceptors: [authorize] }));
const opened = await intake.openCase({ commandId: randomUUID(), customerId: "C-7", subject: "Where is it?",
                                       text: "Promised for Friday", channel: Channel.PHONE }, { timeoutMs: 10_000 });
const read = await intake.getCase({ caseId: opened.caseId, consistencyToken: opened.consistencyToken });
// end

assert.strictEqual(read.case?.subject, "Where is it?");
const refused = await intake.getCase({ caseId: "no-such-case" }).then(() => undefined, ConnectError.from);
assert.strictEqual(refused?.code, Code.NotFound);
console.log(`typescript: opened and read ${opened.caseId}`);
