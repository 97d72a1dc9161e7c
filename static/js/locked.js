// One task of a name at a time, in all tabs of the site. Without Web Locks, as on plain http, there may be several.
export function locked(locks, name, task) {
  return locks ? locks.request(name, task) : task();
}
