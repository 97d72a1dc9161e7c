// Whom the reader may want to speak to: who has spoken, the last one first, and who is here, under their present names.

// present: [{ id, name, own }] or null, as of People
export function voices(log, present) {
  const spoken = [...log.querySelectorAll(".line:not(.own, [hidden]) .message")].reverse();
  const heard = spoken.map((it) => ({ id: it.dataset.author, name: it.querySelector(".author").textContent }));
  const known = [...heard, ...(present ?? []).filter(({ own }) => !own)];
  return [...new Map(known.map((person) => [person.id, person])).values()];
}
