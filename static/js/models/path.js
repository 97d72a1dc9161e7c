// The way from this browser to the server, measured: each check resolves to { state, count?, missing? }, where `state` is
// "good", "bad", or "odd" for what is no fault and yet not as it could be.

const ADDRESS = "/a/selftest";
const PATIENCE = 10_000; // ms
const PARTS = 6; // s between the first byte of a reply and the last; one more comes in the middle
const APART = 375; // ms; PARTS is much longer, as a busy machine may stop for seconds and then read all at once
const CLOSE = 60; // s by which two clocks may differ
const CUT = new Set([408, 502, 504, 524]); // what proxies say of a server that has not answered yet

export class Path {
  #fetch;
  #now;
  #sleep;
  #token;

  // fetch: as the browser's; now: () => ms; sleep: (ms, signal) => a promise; token: () => the page's _xsrf
  constructor({ fetch, now, sleep, token }) {
    this.#fetch = fetch;
    this.#now = now;
    this.#sleep = sleep;
    this.#token = token;
  }

  async reach() {
    const { ok, took } = await this.#ask({});
    return ok ? { state: "good", count: Math.round(took) } : { state: "bad" };
  }

  // Does a post arrive as one from this site?
  async posts() {
    const headers = { "X-XSRFToken": this.#token() };
    const { status } = await this.#ask({}, { method: "POST", headers, body: new URLSearchParams() });
    return status === 204 ? { state: "good" } : { state: "bad", count: status };
  }

  // Does a reply that has begun come through before it is complete?
  async begun() {
    const { ok, took, reads } = await this.#ask({ wait: PARTS, begun: 1 });
    const inTheMiddle = (read) => read - reads[0] > APART && took - read > APART;
    return { state: ok && reads.some(inTheMiddle) ? "good" : "bad" };
  }

  // For how long may a request be held, up to so many seconds?
  async held(seconds) {
    const { ok, status, took, reply } = await this.#ask({ wait: seconds }, {}, seconds * 1000);
    if (ok && reply?.held) return { state: "good", count: Math.round(seconds) };
    if (reply || (status && !ok && !CUT.has(status))) return { state: "odd" };
    return { state: "bad", count: Math.round(took / 1000) };
  }

  // By how many seconds do the clocks differ, at least?
  async clock() {
    const before = this.#now();
    const { reply } = await this.#ask({});
    const theirs = Date.parse(reply?.at);
    if (Number.isNaN(theirs)) return { state: "odd" };
    const off = Math.max(before - theirs, theirs - this.#now(), 0) / 1000;
    return off > CLOSE ? { state: "bad", count: Math.round(off) } : { state: "good" };
  }

  // { ok, status (0 without a reply), reads (ms to each part), took (ms to the end), reply (JSON, if it is some) }
  async #ask(fields, options = {}, expected = 0) {
    const limit = new AbortController();
    this.#sleep(PATIENCE + expected, limit.signal).then(() => limit.abort());
    const asked = this.#now();
    const told = { ok: false, status: 0, reads: [] };
    try {
      const request = { cache: "no-store", signal: limit.signal, ...options };
      const response = await this.#fetch(`${ADDRESS}?${new URLSearchParams(fields)}`, request);
      const text = await this.#read(response, () => told.reads.push(this.#now() - asked));
      Object.assign(told, { ok: response.ok, status: response.status, reply: parsed(text) });
    } catch {
      // Cut, or not there: that is what is to be found out.
    } finally {
      limit.abort();
    }
    return { ...told, took: this.#now() - asked };
  }

  async #read({ body }, came) {
    const decoder = new TextDecoder();
    let text = "";
    const reader = body?.getReader();
    for (let part; reader && !(part = await reader.read()).done; ) {
      came();
      text += decoder.decode(part.value, { stream: true });
    }
    return text;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
