// Whom the reader may want to speak to: who has spoken, the last one first, and who is here, under their present names.

// present: [{ id, name }] or null, as of People; meant: (id) => may it be them?
export function voices(log, present, meant) {
  const spoken = [...log.querySelectorAll(".message")].reverse();
  const heard = spoken.map((it) => ({ id: it.dataset.author, name: it.querySelector(".author").textContent }));
  const known = [...heard, ...(present ?? [])].filter(({ id }) => meant(id));
  return [...new Map(known.map((person) => [person.id, person])).values()];
}
