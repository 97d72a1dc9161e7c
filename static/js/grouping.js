// Lines that one person says shortly after each other are drawn as one group.

const TOGETHER = 5 * 60_000; // ms: a longer silence deserves its own time

// line, previous: { author, name, at (RFC 3339), day }; previous is null where something else stands before
export function continues(line, previous) {
  return (
    previous !== null &&
    line.author === previous.author &&
    line.name === previous.name &&
    line.day === previous.day &&
    Math.abs(Date.parse(line.at) - Date.parse(previous.at)) <= TOGETHER
  );
}

// Does a new day begin with this line? The first line of all begins one. A gap between the two does not matter.
export function opensDay(line, previous) {
  return previous === null || line.day !== previous.day;
}
