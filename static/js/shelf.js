// One value that outlives its page. Browsers may refuse to keep anything; then it lives as long as the page.

export class Shelf {
  #storage;
  #key;

  // storage: () => a Storage; asking for it may already throw
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
  }

  read() {
    try {
      return JSON.parse(this.#storage().getItem(this.#key));
    } catch {
      return null;
    }
  }

  write(value) {
    try {
      this.#storage().setItem(this.#key, JSON.stringify(value));
    } catch {
      // Full or forbidden: what is on the page is still there.
    }
  }

  clear() {
    try {
      this.#storage().removeItem(this.#key);
    } catch {
      // Then there is nothing.
    }
  }
}
