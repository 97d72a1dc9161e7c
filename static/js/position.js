// An id is a position in a room's log: "k3f9q2ab-128" is epoch k3f9q2ab, offset 128. Offsets are dense from 1.

export function position(id) {
  const [epoch, offset] = id.split("-");
  return { epoch, offset: Number(offset) };
}

export function idOf({ epoch, offset }) {
  return `${epoch}-${offset}`;
}
