// Where lines lie until they are sent: in the browser's IndexedDB, for all tabs of the site, and longer than any page.
//
// Browsers may have none, refuse it or be full. Then a line lies in the memory of this page, and `kept` says so. What is
// being written counts already, so whoever reads never sees less than was put here before.

const NAME = "chatroom";
const LINES = "lines";
const PATIENCE = 3000; // ms: some browsers have answered never; nobody's words wait for that

export class Tray {
  #factory;
  #sleep;
  #opened = null;
  #pending = new Map(); // clientId -> { line or null, failed }: what the database does not hold yet

  // factory: () => an IDBFactory; asking for it may already throw
  constructor({ factory, sleep }) {
    this.#factory = factory;
    this.#sleep = sleep;
  }

  // Will everything here outlive the page?
  get kept() {
    return ![...this.#pending.values()].some(({ line, failed }) => line && failed);
  }

  // All lines, in no order.
  async all() {
    const stored = await this.#do("readonly", (lines) => lines.getAll()).catch(() => []);
    const lines = new Map(stored.map((line) => [line.clientId, line]));
    for (const [clientId, { line }] of this.#pending) lines.set(clientId, line);
    return [...lines.values()].filter(Boolean);
  }

  // Add a line, or put it in the place of the one with its `clientId`.
  put(line) {
    return this.#write(line.clientId, line, (lines) => lines.put(line));
  }

  remove(clientId) {
    return this.#write(clientId, null, (lines) => lines.delete(clientId));
  }

  async #write(clientId, line, change) {
    const pending = { line, failed: false };
    this.#pending.set(clientId, pending);
    try {
      await this.#do("readwrite", change);
      if (this.#pending.get(clientId) === pending) this.#pending.delete(clientId);
    } catch {
      pending.failed = true;
    }
  }

  async #do(mode, ask) {
    this.#opened ??= Promise.race([this.#open(), this.#giveUp()]);
    const transaction = (await this.#opened).transaction(LINES, mode);
    const request = ask(transaction.objectStore(LINES));
    transaction.commit?.(); // so that it is carried out even if the page is closed now
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  #open() {
    return new Promise((resolve, reject) => {
      const request = this.#factory().open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(LINES, { keyPath: "clientId" });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        resolve((this.#opened = this.#watch(request.result))); // also where it was given up before
        for (const { line, failed } of this.#pending.values()) if (line && failed) void this.put(line);
      };
    });
  }

  // The reader may clear what the browser keeps, at any time: then it begins anew.
  #watch(database) {
    database.onclose = () => (this.#opened = null);
    database.onversionchange = () => {
      database.close();
      this.#opened = null;
    };
    return database;
  }

  async #giveUp() {
    await this.#sleep(PATIENCE);
    throw new Error("no database");
  }
}
