import assert from "node:assert/strict";
import { test } from "node:test";

import { Tabs } from "../../static/js/models/tabs.js";

// Channels of one site: what one says, all others hear.
function browser() {
  const channels = new Set();
  const openTab = (id) => {
    const channel = new EventTarget();
    channel.postMessage = (data) => {
      for (const other of channels) {
        if (other !== channel) other.dispatchEvent(Object.assign(new Event("message"), { data }));
      }
    };
    channels.add(channel);
    const tab = new Tabs({ id, channel });
    tab.enter();
    return tab;
  };
  return { openTab };
}

test("four tabs are not many and five are, whoever asks", () => {
  const { openTab } = browser();
  const tabs = [1, 2, 3, 4].map(openTab);
  assert.deepEqual(tabs.map((tab) => tab.many), [false, false, false, false]);
  tabs.push(openTab(5));
  assert.deepEqual(tabs.map((tab) => tab.many), [true, true, true, true, true]);
});

test("a tab that leaves is not counted, and may come back", () => {
  const { openTab } = browser();
  const tabs = [1, 2, 3, 4, 5].map(openTab);
  tabs[4].leave();
  assert.equal(tabs[0].many, false);
  tabs[4].enter();
  assert.equal(tabs[0].many, true);
});

test("a tab is told whenever another one comes or goes", () => {
  const channel = new EventTarget();
  channel.postMessage = () => {};
  let told = 0;
  new Tabs({ id: 1, channel, changed: () => (told += 1) });
  for (const verb of ["enter", "leave"]) {
    channel.dispatchEvent(Object.assign(new Event("message"), { data: { from: 2, verb } }));
  }
  assert.equal(told, 2);
});
