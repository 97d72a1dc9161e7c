// What the reader wants to be told of, in this browser: kept on a shelf that its tabs share, and read anew for each question.

const LEVELS = ["all", "mentions", "none"];
export const FOR_EVER = Number.MAX_SAFE_INTEGER; // ms since 1970 that nobody lives to see
const HOUR = 3_600_000; // ms
const MORNING = 8; // o'clock, where the reader is
const NIGHT = 4; // o'clock: until then today is, to whoever is still awake, yesterday

export class Wishes {
  #shelf;
  #now;

  // shelf: of the browser, not of the tab; now: () => ms since 1970
  constructor({ shelf, now }) {
    this.#shelf = shelf;
    this.#now = now;
  }

  // Show notices of the system?
  get shown() {
    return this.#kept.shown === true;
  }

  // Let them be heard?
  get sounding() {
    return this.#kept.sounding === true;
  }

  // Until when the reader is not to be disturbed: ms since 1970, or 0.
  get quietUntil() {
    const until = Number(this.#kept.quietUntil) || 0;
    return until > this.#now() ? until : 0;
  }

  show(on) {
    this.#keep({ shown: on });
  }

  sound(on) {
    this.#keep({ sounding: on });
  }

  // span: "hour", "tomorrow", "ever", or "" to be told again
  quiet(span) {
    const now = this.#now();
    const until = { hour: now + HOUR, tomorrow: morningAfter(now), ever: FOR_EVER }[span];
    this.#keep({ quietUntil: until ?? 0 });
  }

  // room: { room, direct (a conversation of two?) }
  level({ room, direct }) {
    const level = this.#kept.levels?.[room];
    return LEVELS.includes(level) ? level : usual(direct);
  }

  setLevel({ room, direct }, level) {
    const { [room]: _, ...others } = this.#kept.levels ?? {};
    this.#keep({ levels: level === usual(direct) ? others : { ...others, [room]: level } });
  }

  // Is the reader to be told of this: { room, direct, mention }, now?
  wants(message) {
    const level = this.level(message);
    return !this.quietUntil && (level === "all" || (level === "mentions" && message.mention));
  }

  get #kept() {
    return this.#shelf.read() ?? {};
  }

  #keep(wishes) {
    this.#shelf.write({ ...this.#kept, ...wishes });
  }
}

// Of two who talk, each speaks to the other.
function usual(direct) {
  return direct ? "all" : "mentions";
}

// The next morning that comes after a night.
function morningAfter(now) {
  const day = new Date(now);
  if (day.getHours() >= NIGHT) day.setDate(day.getDate() + 1);
  return day.setHours(MORNING, 0, 0, 0);
}
