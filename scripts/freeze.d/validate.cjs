// Validates the descriptions by other people's rules: node validate.cjs PACKAGES. PACKAGES is the folder with the
// node_modules (scripts/setup --ci).
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");

const from = createRequire(path.resolve(process.argv[2]) + "/");
const proto = path.join(__dirname, "../../proto");

async function openapi() {
  const { Validator } = await import(pathToFileURL(from.resolve("@seriousme/openapi-schema-validator")));
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(fs.readFileSync(path.join(proto, "openapi.json"), "utf8")));
  return result.valid ? [] : result.errors.map((error) => `openapi.json: ${error.instancePath}: ${error.message}`);
}

async function asyncapi() {
  const { Parser } = from("@asyncapi/parser");
  const { document, diagnostics } = await new Parser().parse(fs.readFileSync(path.join(proto, "asyncapi.json"), "utf8"));
  const severe = diagnostics.filter((found) => found.severity < 2); // errors and warnings
  const lines = severe.map((found) => `asyncapi.json: ${found.path.join(".")}: ${found.message}`);
  return document === undefined && lines.length === 0 ? ["asyncapi.json: not read"] : lines;
}

Promise.all([openapi(), asyncapi()]).then((found) => {
  const lines = found.flat();
  for (const line of lines) console.error(line);
  process.exit(lines.length === 0 ? 0 : 1);
});
