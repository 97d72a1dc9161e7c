import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../static/js/models/drafts.js";
import { Shelf } from "../../static/js/shelf.js";
import { Storage } from "./kit.js";

function draftsOf(me, storage, guest = false) {
  return new Drafts({ shelf: (key) => new Shelf(() => storage, key), me, guest });
}

test("a draft is of one room and of one person, with what it answers", () => {
  const storage = new Storage();
  draftsOf("ann", storage).set("7", { body: "half a sen", reply: "k3f9q2ab-4" });
  assert.deepEqual(draftsOf("ann", storage).get("7"), { body: "half a sen", reply: "k3f9q2ab-4" });
  assert.deepEqual(draftsOf("ann", storage).get("8"), { body: "", reply: null });
  assert.deepEqual(draftsOf("bob", storage).get("7"), { body: "", reply: null });
});

test("what is empty takes no place", () => {
  const storage = new Storage();
  const drafts = draftsOf("ann", storage);
  drafts.set("7", { body: "half a sen" });
  drafts.set("7", { body: "" });
  assert.equal(storage.size, 0);
  assert.deepEqual(drafts.get("7"), { body: "", reply: null });
});

test("what a guest has begun is there for whoever comes next, until somebody goes on with it", () => {
  const storage = new Storage();
  draftsOf("guest-1", storage, true).set("7", { body: "half a sen" });
  assert.equal(draftsOf("guest-2", storage, true).get("7").body, "half a sen");
  const ann = draftsOf("ann", storage);
  assert.equal(ann.get("7").body, "half a sen");
  ann.set("7", { body: "half a sentence" });
  assert.equal(draftsOf("guest-2", storage, true).get("7").body, "");
  assert.equal(ann.get("7").body, "half a sentence");
});
