// Puts the page together that measures the way to the server.

import { now, sleep } from "./clock.js";
import { sharing, storage } from "./models/means.js";
import { Path } from "./models/path.js";
import { Checks } from "./views/checks.js";

const main = document.querySelector("#main");
const form = main.querySelector(".again");
const again = form.querySelector("button");
const hold = Number(main.dataset.hold);
const path = new Path({
  ...{ now, sleep },
  fetch: (...request) => fetch(...request),
  token: () => form.elements._xsrf.value,
});
const checks = new Checks({ element: main, language: document.documentElement.lang });

// Disabled in words only while it measures: the focus stays where it is, and the way back stays open.
async function measure() {
  if (again.ariaDisabled === "true") return;
  again.ariaDisabled = "true";
  checks.begin();
  await Promise.all([show("storage", storage(globalThis)), show("sharing", sharing(globalThis))]);
  if (await show("reach", path.reach())) {
    await show("posts", path.posts());
    await Promise.all([show("clock", path.clock()), show("begun", path.begun()), show("held", path.held(hold))]);
  }
  checks.end();
  again.ariaDisabled = "false";
}

// Returns whether it is good.
async function show(name, measured) {
  const result = await measured;
  checks.show(name, result);
  return result.state === "good";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  measure();
});
measure();
