// A line that begins with a slash is a command; with two slashes it is a text that begins with one.

export const COMMANDS = ["nick", "me", "topic", "help"];
const ALONE = "help";

// What a text asks for: { body } to be said, { command, rest } to be done, or what is wrong with it, { unknown } or { lacks },
// each the command as it is written.
export function orderOf(text) {
  if (text.startsWith("//")) return { body: text.slice(1) };
  const [, command, rest] = /^\/(\S+)\s*([^]*)$/.exec(text) ?? [];
  if (!command) return { body: text };
  const name = command.toLowerCase();
  if (!COMMANDS.includes(name)) return { unknown: `/${command}` };
  if (!rest && name !== ALONE) return { lacks: `/${name}` };
  return name === "me" ? { body: `_${rest}_` } : { command: name, rest };
}
