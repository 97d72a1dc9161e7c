// Who is spoken to in a message: the rule of the server's chatroom/mention.py, held to the same cases.

const LIMIT = 20; // mentions in one message that are listened to, whether they name anybody or not
const LONGEST = 64; // characters of one mention
const SCRIPTS = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\u30fc\uff70`;
const BEFORE = String.raw`(?<=^|[^\p{L}\p{N}_@]|[${SCRIPTS}])`;
const MENTION = new RegExp(String.raw`${BEFORE}@(?=(\S{1,${LONGEST}}))`, "gu");
const OPEN = new RegExp(`${BEFORE}$`, "u");
const HELD = /[\p{L}\p{N}\p{M}._-]+/gu; // what a handle holds
const GOES_ON = /^[\p{L}\p{N}\p{M}._\-\u200c\u200d]*/u;
const UNSPACED = new RegExp(`[${SCRIPTS}]$`, "u");

// What stands behind the @ to speak to somebody with that name.
export function handleOf(name) {
  return (folded(name).match(HELD) ?? []).join("").replace(/[.-]+$/, "");
}

// Would an @ behind this text speak to somebody?
export function begins(text) {
  return OPEN.test(text);
}

// handle: as of handleOf
export function speaksTo(body, handle) {
  if (!handle) return false;
  const told = [...body.matchAll(MENTION)].slice(0, LIMIT);
  return told.some(([, text]) => hears(handle, handleOf(GOES_ON.exec(text)[0])));
}

// Where words are not set apart by spaces, what follows the name belongs to the sentence.
function hears(handle, mention) {
  return mention === handle || (UNSPACED.test(handle) && mention.startsWith(handle));
}

// Unicode's case folding, as far as JavaScript knows it: by way of the capitals, but for those that two letters share.
function folded(text) {
  const fold = (it) => (it === "ı" ? it : it.toLowerCase().toUpperCase().toLowerCase());
  return [...text.normalize("NFD")].map(fold).join("").replaceAll("ς", "σ").normalize("NFC");
}
