// A fresh client_id: 128 random bits. randomUUID is missing on plain http, getRandomValues never is.
export function randomId(crypto) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
