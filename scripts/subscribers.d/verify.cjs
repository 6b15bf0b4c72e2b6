// Verifies calls with npm's standardwebhooks: a line of JSON {secret, headers, body} in, "ok" or the error out.
const { Webhook } = require("standardwebhooks");
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { secret, headers, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(body, headers);
    console.log("ok");
  } catch (error) {
    console.log(String(error));
  }
});
