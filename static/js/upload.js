// One file on its way to the server. fetch does not tell how far it is, XMLHttpRequest does.

import { Unavailable, failure } from "./exchange.js";

const PATIENCE = 60_000; // ms without a byte gone, or without a reply to the last one

// request: a fresh XMLHttpRequest; progress: (share) => called with how much has left, 0 to 1.
// Resolves with what the server says of the file; rejects with Refused or Unavailable, as an exchange does.
export function upload(request, { path, token, file, progress, sleep, signal }) {
  let watch = null;
  const rest = () => watch?.abort();
  const move = () => {
    rest();
    watch = new AbortController();
    const { signal: moved } = watch;
    sleep(PATIENCE, moved).then(() => moved.aborted || request.abort());
  };
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => {
      move();
      progress(loaded / total);
    };
    request.onload = () => settle(request, resolve, reject);
    request.onerror = request.onabort = () => reject(new Unavailable());
    request.onloadend = rest;
    signal.addEventListener("abort", () => request.abort());
    send(request, path, token, file);
    move();
  });
}

function send(request, path, token, file) {
  request.open("POST", path);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.setRequestHeader("X-XSRFToken", token);
  request.send(file);
}

function settle(request, resolve, reject) {
  const { status, response } = request;
  if (status < 300 && typeof response?.id === "string") return resolve(response);
  const headers = { get: (name) => request.getResponseHeader(name) };
  reject(status < 300 ? new Unavailable() : failure({ status, headers }, response?.error, Date.now()));
}
