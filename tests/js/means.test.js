import assert from "node:assert/strict";
import { test } from "node:test";

import { sharing, storage } from "../../static/js/models/means.js";

function browser(more = {}) {
  const items = new Map();
  return {
    document: { cookie: "" },
    localStorage: { setItem: (key, value) => items.set(key, value), removeItem: (key) => items.delete(key) },
    indexedDB: database("onsuccess"),
    items,
    ...more,
  };
}

function database(outcome) {
  const deleted = [];
  const open = () => {
    const opening = { result: { close() {} } };
    queueMicrotask(() => opening[outcome]());
    return opening;
  };
  return { open, deleted, deleteDatabase: (name) => deleted.push(name) };
}

test("a browser that keeps everything is good, and nothing is left of the try", async () => {
  const scope = browser();
  assert.deepEqual(await storage(scope), { state: "good" });
  assert.equal(scope.items.size, 0);
  assert.deepEqual(scope.indexedDB.deleted, ["selftest"]);
  assert.match(scope.document.cookie, /Max-Age=0/);
});

test("what it does not keep is named, whether it is missing, forbidden or fails", async () => {
  const forbidden = Object.defineProperty(browser(), "localStorage", {
    get() {
      throw new Error("SecurityError");
    },
  });
  assert.deepEqual((await storage(forbidden)).missing, ["shelf"]);
  assert.deepEqual((await storage(browser({ indexedDB: undefined }))).missing, ["database"]);
  assert.deepEqual((await storage(browser({ indexedDB: database("onerror") }))).missing, ["database"]);
  const deaf = { get cookie() { return ""; }, set cookie(_) {} };
  assert.deepEqual((await storage(browser({ document: deaf }))).missing, ["cookies"]);
});

test("tabs share by a worker, or by a lock and a channel", () => {
  const [SharedWorker, BroadcastChannel] = [class {}, class {}];
  assert.equal(sharing({ SharedWorker, navigator: {} }).state, "good");
  assert.equal(sharing({ BroadcastChannel, navigator: { locks: {} } }).state, "good");
  assert.equal(sharing({ BroadcastChannel, navigator: {} }).state, "odd");
});
