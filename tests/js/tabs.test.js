import assert from "node:assert/strict";
import { test } from "node:test";

import { Tabs } from "../../static/js/models/tabs.js";
import { settled } from "./kit.js";

// Channels of one site: what one says, all others hear.
function browser(locks) {
  const channels = new Set();
  const openTab = (id) => {
    const channel = new EventTarget();
    channel.postMessage = (data) => {
      for (const other of channels) {
        if (other !== channel) other.dispatchEvent(Object.assign(new Event("message"), { data }));
      }
    };
    channels.add(channel);
    const tab = new Tabs({ id, channel, locks });
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

// One lock, as browsers have it: whoever asks waits until those before are done, or until they give up.
function lock() {
  let free = Promise.resolve();
  const request = (_name, { signal }, hold) => {
    const before = free;
    const held = before.then(() => (signal.aborted ? undefined : hold()));
    free = held.catch(() => {});
    return held;
  };
  return { request };
}

for (const [kind, locks] of [["with locks", lock], ["without locks", () => undefined]]) {
  test(`one tab leads, and when it is left another does, ${kind}`, async () => {
    const { openTab } = browser(locks());
    const tabs = [1, 2, 3].map(openTab);
    const leading = async () => (await settled(), tabs.map((tab) => tab.leads));
    assert.deepEqual(await leading(), [true, false, false]);
    tabs[1].leave();
    tabs[0].leave();
    assert.equal((await leading())[2], true);
    tabs[2].leave();
    tabs[0].enter();
    assert.equal((await leading())[0], true);
  });
}

test("what the reader looks at in one tab all tabs know, also those that come later", () => {
  const { openTab } = browser();
  const tabs = [1, 2].map(openTab);
  tabs[0].look("tea");
  tabs.push(openTab(3));
  assert.deepEqual(tabs.map((tab) => tab.looksAt("tea")), [true, true, true]);
  assert.ok(!tabs[1].looksAt("7"));
  tabs[0].look("");
  assert.deepEqual(tabs.map((tab) => tab.looksAt("tea")), [false, false, false]);
});

test("a tab that is left is looked at no more, whatever it still says", () => {
  const { openTab } = browser();
  const tabs = [1, 2].map(openTab);
  tabs[0].look("tea");
  tabs[0].leave();
  assert.ok(!tabs[1].looksAt("tea"));
  tabs[0].look("7");
  assert.ok(!tabs[1].looksAt("7"));
});

test("a tab that has died is looked at no more once another one is", () => {
  const { openTab } = browser();
  const tabs = [1, 2, 3].map(openTab);
  tabs[0].look("tea"); // and dies
  tabs[1].look("7");
  tabs[1].look("");
  assert.deepEqual(tabs.slice(1).map((tab) => tab.looksAt("tea")), [false, false]);
});
