import assert from "node:assert/strict";
import { test } from "node:test";

import { Tray } from "../../static/js/tray.js";
import { Clock, settled } from "./kit.js";

const ONE = { clientId: "c1", body: "one" };
const TWO = { clientId: "c2", body: "two" };

// As much of IndexedDB as a tray needs: transactions one after the other, each in a turn of its own.
class Database {
  lines = new Map();
  full = false;
  left = false; // the page is closed: what it has not committed is not carried out
  opened = 0;
  #turn = Promise.resolve();

  open() {
    this.opened += 1;
    return this.#request((request) => (request.result = this), "onsuccess");
  }

  transaction() {
    const commit = () => (transaction.committed = true);
    const transaction = { objectStore: () => this.#store(transaction), act: () => {}, commit };
    this.#turn = this.#turn.then(settled).then(() => this.#settle(transaction));
    return transaction;
  }

  #settle(transaction) {
    if (this.left && !transaction.committed) return;
    transaction.act();
    if (transaction.error) transaction.onabort();
    else transaction.oncomplete();
  }

  #store(transaction) {
    const ask = (act) => {
      const request = {};
      transaction.act = () => (request.result = act());
      return request;
    };
    const put = (line) => {
      if (this.full) transaction.error = new Error("full");
      else this.lines.set(line.clientId, structuredClone(line));
    };
    return {
      getAll: () => ask(() => structuredClone([...this.lines.values()])),
      put: (line) => ask(() => put(line)),
      delete: (clientId) => ask(() => this.lines.delete(clientId)),
    };
  }

  #request(act, event) {
    const request = {};
    setImmediate(() => {
      act(request);
      request[event]();
    });
    return request;
  }
}

const trayOf = (factory) => new Tray({ factory, sleep: new Clock().sleep });
const bodies = async (tray) => (await tray.all()).map(({ body }) => body).sort();

test("what is put into a tray is in every other tray of the browser, until it is removed", async () => {
  const database = new Database();
  const [here, there] = [1, 2].map(() => trayOf(() => database));
  await here.put(ONE);
  await here.put(TWO);
  assert.deepEqual(await bodies(there), ["one", "two"]);
  await there.remove("c1");
  assert.deepEqual(await bodies(here), ["two"]);
  assert.equal(here.kept, true);
});

test("a line takes the place of the one with its clientId", async () => {
  const tray = trayOf(() => new Database());
  await tray.put(ONE);
  await tray.put({ ...ONE, body: "other" });
  assert.deepEqual(await bodies(tray), ["other"]);
});

test("whoever reads sees what is being written, and not what is being removed", async () => {
  const database = new Database();
  const tray = trayOf(() => database);
  await tray.put(ONE);
  const before = tray.all();
  const changes = [tray.put(TWO), tray.remove("c1")];
  assert.deepEqual((await before).map(({ body }) => body), ["two"]);
  assert.deepEqual(await bodies(tray), ["two"]);
  await Promise.all(changes);
  assert.deepEqual([...database.lines.keys()], ["c2"]);
});

test("what was put is there afterwards, although the page is closed at once", async () => {
  const database = new Database();
  const tray = trayOf(() => database);
  await tray.all();
  void tray.put(ONE);
  await null; // the task in which Enter was pressed is over
  database.left = true;
  await settled();
  await settled();
  assert.deepEqual([...database.lines.keys()], ["c1"]);
});

test("where the browser has no room, lines lie in memory and the tray says so until they are gone", async () => {
  const database = new Database();
  const tray = trayOf(() => database);
  await tray.put(ONE);
  database.full = true;
  await tray.put(TWO);
  assert.equal(tray.kept, false);
  assert.deepEqual(await bodies(tray), ["one", "two"]);
  await tray.remove("c2");
  assert.equal(tray.kept, true);
  assert.deepEqual(await bodies(tray), ["one"]);
});

test("where the browser has no database, all lies in memory", async () => {
  const tray = trayOf(() => {
    throw new Error("forbidden");
  });
  await tray.put(ONE);
  assert.equal(tray.kept, false);
  assert.deepEqual(await bodies(tray), ["one"]);
});

test("a database that never answers is waited for 3 seconds", async () => {
  const clock = new Clock();
  const tray = new Tray({ factory: () => ({ open: () => ({}) }), sleep: clock.sleep });
  let put = false;
  void tray.put(ONE).then(() => (put = true));
  await clock.pass(2999);
  assert.equal(put, false);
  await clock.pass(1);
  assert.equal(put, true);
  assert.equal(tray.kept, false);
});

test("one that answers after that keeps what was put here meanwhile, and what comes", async () => {
  const [clock, database, opening] = [new Clock(), new Database(), {}];
  const tray = new Tray({ factory: () => ({ open: () => opening }), sleep: clock.sleep });
  void tray.put(ONE);
  await clock.pass(3000);
  assert.equal(tray.kept, false);
  opening.result = database;
  opening.onsuccess();
  await tray.put(TWO);
  assert.equal(tray.kept, true);
  assert.deepEqual(await bodies(trayOf(() => database)), ["one", "two"]);
});

test("when the reader clears what the browser keeps, the tray begins anew", async () => {
  const database = new Database();
  const tray = trayOf(() => database);
  await tray.put(ONE);
  database.onclose();
  await tray.put(TWO);
  assert.equal(database.opened, 2);
  assert.equal(tray.kept, true);
});
