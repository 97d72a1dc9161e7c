// One request and its reply. Every failure is one of two kinds: the server refused (repeating it unchanged will not
// help), or it is unavailable now, for whatever reason (repeating it will).

const TRY_LATER = new Set([408, 425, 429]);
const CUT = new Set([408, 502, 504, 524]); // what proxies say of a server that has not answered yet

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Unavailable extends Error {
  // retryAfter: ms that the server asks to wait, 0 if it says nothing; closing: it says that it is going down;
  // cut: the server has said nothing at all, something on the way may have ended the request; message: as it says, or ""
  constructor(retryAfter = 0, closing = false, cut = true, message = "") {
    super(message);
    this.retryAfter = retryAfter;
    this.closing = closing;
    this.cut = cut;
  }
}

export class Exchange {
  #fetch;
  #sleep;
  #token;
  #now;

  // token: () => the page's _xsrf; now: () => ms since 1970, for a Retry-After that names a date
  constructor({ fetch, sleep, token, now }) {
    this.#fetch = fetch;
    this.#sleep = sleep;
    this.#token = token;
    this.#now = now;
  }

  // Fields that are undefined are left out, a list stands for a repeated one. patience: ms after which the request is given up;
  // keepalive: it goes on when the page is left
  post(path, fields, { patience, signal, keepalive } = {}) {
    const headers = { Accept: "application/json", "X-XSRFToken": this.#token() };
    return this.#ask(path, { method: "POST", headers, body: form(fields), keepalive }, patience, signal);
  }

  get(path, fields, { patience, signal } = {}) {
    const headers = { Accept: "application/json" };
    return this.#ask(`${path}?${form(fields)}`, { headers }, patience, signal);
  }

  async #ask(path, options, patience, signal) {
    const limit = new AbortController();
    const giveUp = () => limit.abort();
    signal?.addEventListener("abort", giveUp);
    this.#sleep(patience, limit.signal).then(giveUp);
    try {
      return await this.#reply(path, { ...options, cache: "no-store", signal: limit.signal });
    } finally {
      limit.abort();
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async #reply(path, options) {
    let response, reply;
    try {
      response = await this.#fetch(path, options);
      reply = response.status === 204 ? null : await response.json();
    } catch {
      // No reply, half of one, or a page of something that stands in between: only the status can still tell.
      if (!response || response.ok) throw new Unavailable();
    }
    if (response.ok) return reply;
    throw failure(response, reply?.error, this.#now());
  }
}

function form(fields) {
  const pairs = Object.entries(fields).flatMap(([name, values]) => [values].flat().map((it) => [name, it]));
  return new URLSearchParams(pairs.filter(([, value]) => value !== undefined));
}

// What a reply with another status than 2xx means.
export function failure({ status, headers }, error, now) {
  if (status >= 400 && status < 500 && !TRY_LATER.has(status)) {
    return new Refused(status, error?.message ?? String(status));
  }
  const wait = retryAfter(headers.get("Retry-After"), now);
  return new Unavailable(wait, error?.code === "closing", CUT.has(status), error?.message);
}

// RFC 9110, section 10.2.3: seconds, or a date.
export function retryAfter(header, now) {
  if (!header) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Math.max(0, ms || 0);
}
