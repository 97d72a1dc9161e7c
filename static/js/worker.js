// One poll for all tabs of a browser.

import { openBoard } from "./board.js";

const LATE = 5000; // ms: nobody slows the timers of a worker down

const board = openBoard(() => LATE);

globalThis.onconnect = ({ ports: [port] }) => {
  const line = { say: (message) => port.postMessage(message) };
  port.onmessage = ({ data }) => board.hear(line, data);
};
