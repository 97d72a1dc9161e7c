import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { handleOf, speaksTo } from "../../static/js/mention.js";

// The same cases as the server is held to (tests/test_mention.py).
const cases = JSON.parse(readFileSync(new URL("../mentions.json", import.meta.url), "utf-8"));

for (const { why, name, body, speaks } of cases) {
  test(`who is spoken to: ${why}`, () => assert.equal(speaksTo(body, handleOf(name)), speaks));
}

test("who has no handle is never spoken to", () => assert.equal(speaksTo("@ann", ""), false));
