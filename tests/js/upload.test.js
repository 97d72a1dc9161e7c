import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unavailable } from "../../static/js/exchange.js";
import { upload } from "../../static/js/upload.js";
import { Clock } from "./kit.js";

// An XMLHttpRequest that the test answers.
class Request {
  upload = {};
  headers = {};

  open(method, path) {
    this.asked = `${method} ${path}`;
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  getResponseHeader(name) {
    return name === "Retry-After" ? this.retryAfter : null;
  }

  send(body) {
    this.body = body;
  }

  abort() {
    this.onabort();
    this.onloadend();
  }

  reply(status, response) {
    Object.assign(this, { status, response });
    this.onload();
    this.onloadend();
  }
}

function world(type = "image/png") {
  const request = new Request();
  const clock = new Clock();
  const given = new AbortController();
  const shares = [];
  const sent = upload(request, {
    ...{ path: "/a/room/7/file?name=a.png", token: "t0", file: { name: "a.png", type }, sleep: clock.sleep },
    ...{ progress: (share) => shares.push(share), signal: given.signal },
  });
  return { request, clock, given, shares, sent };
}

test("the bytes of the file are the body, with its type and the token of the page", async () => {
  const { request, sent } = world();
  assert.equal(request.asked, "POST /a/room/7/file?name=a.png");
  assert.deepEqual(request.body, { name: "a.png", type: "image/png" });
  assert.equal(request.headers["Content-Type"], "image/png");
  assert.equal(request.headers["X-XSRFToken"], "t0");
  request.reply(201, { id: "f1", name: "a.png" });
  assert.deepEqual(await sent, { id: "f1", name: "a.png" });
});

test("a file of no known type is a row of bytes", () => {
  assert.equal(world("").request.headers["Content-Type"], "application/octet-stream");
});

test("it tells how much has left", () => {
  const { request, shares } = world();
  request.upload.onprogress({ loaded: 50, total: 200 });
  assert.deepEqual(shares, [0.25]);
});

test("a refusal is told in the server's words", async () => {
  const { request, sent } = world();
  request.reply(413, { error: { code: "too_large", message: "Too large." } });
  await assert.rejects(sent, new Refused(413, "Too large."));
});

test("a server that is busy, a broken network and a reply that is none may be tried again", async () => {
  const answers = [(it) => it.reply(503, null), (it) => it.onerror(), (it) => it.reply(200, null)];
  for (const answer of answers) {
    const { request, sent } = world();
    answer(request);
    await assert.rejects(sent, Unavailable);
  }
  const { request, sent } = world();
  request.retryAfter = "2";
  request.reply(429, null);
  await assert.rejects(sent, (error) => error.retryAfter === 2000);
});

test("it is given up when the reader does, or when nothing has moved for a minute", async () => {
  const one = world();
  one.given.abort();
  await assert.rejects(one.sent, Unavailable);
  const two = world();
  const rejected = assert.rejects(two.sent, Unavailable);
  await two.clock.pass(59_000);
  two.request.upload.onprogress({ loaded: 1, total: 2 });
  await two.clock.pass(59_000);
  assert.equal(two.request.status, undefined);
  await two.clock.pass(1000);
  await rejected;
});
