import assert from "node:assert/strict";
import { test } from "node:test";

import { Courier } from "../../static/js/models/courier.js";
import { Tin } from "./kit.js";

const ANN = { id: "ann", name: "Ann", guest: false };
const BOB = { id: "bob", name: "Bob", guest: false };

async function world(...lines) {
  const tray = new Tin();
  for (const [number, [room, author, state]] of lines.entries()) {
    await tray.put({ clientId: `c${number}`, room, author, state });
  }
  const made = [];
  const opened = [];
  const make = (room) => {
    made.push(room);
    return { open: async (author) => opened.push(`${room} ${author.id}`), wake: () => opened.push(`${room} woken`) };
  };
  return { courier: new Courier({ room: "7", tray, make }), made, opened, tray };
}

test("each other room in which the author's lines wait is sent from here", async () => {
  const { courier, opened } = await world(["8", ANN, "waiting"], ["8", ANN, "waiting"], ["9", ANN, "waiting"]);
  await courier.round(ANN);
  assert.deepEqual(opened, ["8 ann", "9 ann"]);
});

test("the page's own room, refused lines and those of others are left alone", async () => {
  const { courier, opened } = await world(["7", ANN, "waiting"], ["8", ANN, "failed"], ["9", BOB, "waiting"]);
  await courier.round(ANN);
  assert.deepEqual(opened, []);
});

test("a room has one outbox, however often there is reason to look again", async () => {
  const { courier, made, opened } = await world(["8", ANN, "waiting"]);
  await courier.round(ANN);
  courier.wake();
  await courier.round(ANN);
  assert.deepEqual(made, ["8"]);
  assert.deepEqual(opened, ["8 ann", "8 woken", "8 ann"]);
});
