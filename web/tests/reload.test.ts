// A reload of a tab: it resumes at the position that the tab kept, against a real server.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import type { Engine, OpenConversation } from "../src/engine/api.ts";
import { createEngine } from "../src/engine/engine.ts";
import { MemoryStore, type Store } from "../src/engine/store.ts";
import { Tab, type TabStorage } from "../src/engine/tab.ts";
import { Jar, nodeWire } from "./node_wire.ts";
import { eventually } from "./support.ts";

const URL_OF_CHAT = process.env["CHAT_URL"]!;
const engines: Engine[] = [];
let names = 0;
after(() => Promise.all(engines.map((each) => each.close())));

class Memory implements TabStorage {
  constructor(readonly kept = new Map<string, string>()) {}
  getItem = (name: string) => this.kept.get(name) ?? null;
  setItem = (name: string, text: string) => void this.kept.set(name, text);
  removeItem = (name: string) => void this.kept.delete(name);
}

/** Loads the page in a tab; returns the engine and the methods that it called. */
async function load(jar: Jar, storage: TabStorage, store: Store = new MemoryStore()): Promise<{ engine: Engine; calls: string[] }> {
  const calls: string[] = [];
  const wire = nodeWire(URL_OF_CHAT, jar, (method) => calls.push(method));
  const engine = createEngine({ wire, store, tab: new Tab(storage, "tab"), agent: "units" });
  engines.push(engine);
  await engine.start();
  return { engine, calls };
}

async function live(engine: Engine): Promise<void> {
  await eventually(() => engine.connection.value.state === "live" && engine.conversations.value.length > 0);
}

/** Returns a signed-in guest in a new browser. */
async function guest(): Promise<{ engine: Engine; jar: Jar; storage: Memory; store: Store }> {
  const [jar, storage, store] = [new Jar(), new Memory(), new MemoryStore()];
  const { engine } = await load(jar, storage, store);
  await eventually(() => engine.connection.value.state === "signed-out");
  await engine.signIn(`reload${process.pid}x${(names += 1)}`);
  await live(engine);
  return { engine, jar, storage, store };
}

const unread = (engine: Engine, key: string) => engine.conversations.value.find((each) => each.key === key)?.unread;

test("a reload shows the list at once, resumes, and counts each missed message once", async () => {
  const [alice, bob] = [await guest(), await guest()];
  const [toAlice, toBob] = [`@${alice.engine.me.value!.number}`, `@${bob.engine.me.value!.number}`] as const;
  bob.engine.open(toAlice).send("before the reload");
  await eventually(() => unread(alice.engine, toBob) === 1);
  await alice.engine.close();
  bob.engine.open(toAlice).send("during the reload");
  await eventually(() => bob.engine.conversations.value[0]?.lastMessage?.text === "during the reload");
  const { engine, calls } = await load(alice.jar, alice.storage);
  assert.equal(unread(engine, toBob), 1, "the list is there before the server answers");
  await eventually(() => unread(engine, toBob) === 2);
  await live(engine);
  await eventually(() => calls.includes("ListClients"));
  assert.deepEqual(calls.toSorted(), ["ListBlocked", "ListClients"]);
});

test("a refused message stays refused over a reload, until the user sends it again", async () => {
  const [alice, bob] = [await guest(), await guest()];
  const toBob = `@${bob.engine.me.value!.number}` as const;
  const own = (talk: OpenConversation, text = "too early") => talk.messages.value.find((each) => each.text === text);
  await bob.engine.block(alice.engine.me.value!.number);
  const before = alice.engine.open(toBob);
  await before.loadNewest();
  before.send("too early");
  await eventually(() => own(before)?.state === "failed");
  await bob.engine.unblock(alice.engine.me.value!.number);
  await alice.engine.close();
  const { engine } = await load(alice.jar, alice.storage, alice.store);
  await live(engine);
  const talk = engine.open(toBob);
  await talk.loadNewest();
  talk.send("in time");
  await eventually(() => own(talk, "in time")?.state === "sent");
  assert.equal(own(talk)?.state, "failed");
  assert.equal(own(talk)!.error?.reason, "BLOCKED");
  talk.retry(own(talk)!.id);
  await eventually(() => own(talk)?.state === "sent");
});

test("what a tab kept has no token, and is gone after the sign-out", async () => {
  const { engine, jar, storage } = await guest();
  // Nothing is kept while a list is being read.
  await eventually(() => (engine.keep(), storage.kept.size === 1));
  const token = jar.header.split("=")[1]!;
  assert.ok(token.length > 20);
  assert.ok(![...storage.kept.values()].some((each) => each.includes(token)));
  await engine.signOut();
  assert.equal(storage.kept.size, 0);
});

test("a tab that another user finds shows nothing of the first one", async () => {
  const [alice, bob, carol] = [await guest(), await guest(), await guest()];
  carol.engine.open(`@${alice.engine.me.value!.number}`).send("for alice only");
  await eventually(() => alice.engine.unread.value > 0);
  await alice.engine.close();
  const { engine } = await load(bob.jar, alice.storage);
  await eventually(() => engine.me.value?.number === bob.engine.me.value!.number);
  await live(engine);
  assert.equal(unread(engine, `@${carol.engine.me.value!.number}`), undefined);
});

test("a duplicated tab and its original both get each message once", async () => {
  const [alice, bob] = [await guest(), await guest()];
  alice.engine.keep();
  const { engine: copy } = await load(alice.jar, new Memory(new Map(alice.storage.kept)));
  await live(copy);
  bob.engine.open(`@${alice.engine.me.value!.number}`).send("to both");
  const key = `@${bob.engine.me.value!.number}`;
  await eventually(() => [alice.engine, copy].every((each) => unread(each, key) === 1));
});

test("a broken or an old record of a tab is not read", async () => {
  const { engine, jar, storage } = await guest();
  await engine.close();
  for (const text of ["{", "null", '{"form":0,"me":{}}']) {
    storage.kept.set("tab", text);
    const again = await load(jar, storage);
    await live(again.engine);
    assert.ok(again.calls.includes("ListConversations"));
    await again.engine.close();
  }
});
