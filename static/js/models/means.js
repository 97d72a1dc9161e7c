// What a browser offers to a page of the chat, as Path's checks resolve.

const PROBE = "selftest";

// What it keeps: "cookies", "shelf" (localStorage) and "database" (IndexedDB) may be missing. scope: the global object
export async function storage(scope) {
  const kept = { cookies: cookies(scope), shelf: shelf(scope), database: await database(scope) };
  const missing = Object.keys(kept).filter((name) => !kept[name]);
  return missing.length > 0 ? { state: "bad", missing } : { state: "good" };
}

// Can its tabs share a connection?
export function sharing({ SharedWorker, BroadcastChannel, navigator }) {
  return { state: SharedWorker || (navigator.locks && BroadcastChannel) ? "good" : "odd" };
}

function cookies({ document }) {
  document.cookie = `${PROBE}=1; SameSite=Lax`;
  const kept = document.cookie.includes(`${PROBE}=1`);
  document.cookie = `${PROBE}=; Max-Age=0; SameSite=Lax`;
  return kept;
}

function shelf(scope) {
  try {
    scope.localStorage.setItem(PROBE, "1");
    scope.localStorage.removeItem(PROBE);
    return true;
  } catch {
    return false;
  }
}

function database(scope) {
  return new Promise((resolve) => {
    try {
      const opening = scope.indexedDB.open(PROBE);
      opening.onerror = () => resolve(false);
      opening.onsuccess = () => {
        opening.result.close();
        scope.indexedDB.deleteDatabase(PROBE);
        resolve(true);
      };
    } catch {
      resolve(false);
    }
  });
}
