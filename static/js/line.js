// Lines from a page to the one Switchboard of its browser: { open(hear, lost), say(message) }.

// Where the switchboard is in a SharedWorker.
// start: () => it; throws where there can be none
export function workerLine(start) {
  let worker = start();
  let heard, missed;

  function open(hear, lost) {
    [heard, missed] = [hear, lost];
    worker.addEventListener("error", lost);
    worker.port.onmessage = ({ data }) => hear(data);
  }

  return {
    open,
    say: (message) => worker.port.postMessage(message),
    reopen() {
      worker = start();
      open(heard, missed);
    },
  };
}

// Where it is in the page that holds a lock, and goes over to another one when that page is gone.
// id: unlike that of any other page; channel: a BroadcastChannel that it shares with the others;
// locks: a LockManager; board: () => a Switchboard, for the page that has got the lock
export function lockLine({ id, channel, locks, board }) {
  let mine = null;
  let hear;
  const own = { say: (message) => hear(message) };
  const lines = new Map();
  const lineTo = (to) => ({ say: (message) => channel.postMessage({ to, message }) });

  function pass({ from, to, message }) {
    if (to === id || to === ALL) return hear(message);
    if (!mine || to !== undefined) return;
    if (!lines.has(from)) lines.set(from, lineTo(from));
    mine.hear(lines.get(from), message);
    if (message.verb === "leave") lines.delete(from);
  }

  function serve() {
    mine = board();
    channel.postMessage({ to: ALL, message: AGAIN });
    hear(AGAIN);
    return new Promise(() => {}); // as long as the page lives
  }

  return {
    open(listener) {
      hear = listener;
      channel.addEventListener("message", ({ data }) => pass(data));
      locks.request(channel.name, serve);
    },
    say(message) {
      if (mine) mine.hear(own, message);
      else channel.postMessage({ from: id, message });
    },
  };
}

const ALL = "*";
const AGAIN = { verb: "again" };
