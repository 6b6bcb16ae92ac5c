// The engine under faults of the network, against a real server whose URL is in CHAT_URL.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import type { Engine, OpenConversation } from "../src/engine/api.ts";
import { createEngine } from "../src/engine/engine.ts";
import { MemoryStore } from "../src/engine/store.ts";
import { ChatFailure } from "../src/wire/errors.ts";
import type { Wire } from "../src/wire/wire.ts";
import { CutProxy } from "./cut.ts";
import { Jar, nodeWire } from "./node_wire.ts";
import { eventually } from "./support.ts";

const PORT = Number(new URL(process.env["CHAT_URL"]!).port);
const ends: (() => unknown)[] = [];
after(() => Promise.all(ends.map((end) => end())));

interface Page {
  readonly engine: Engine;
  readonly proxy: CutProxy;
  readonly jar: Jar;
  readonly store: MemoryStore;
}

async function page(name: string, store = new MemoryStore(), changed = (wire: Wire) => wire): Promise<Page> {
  const proxy = await CutProxy.before(PORT);
  const jar = new Jar();
  const engine = createEngine({ wire: changed(nodeWire(proxy.url, jar)), store, agent: "faults" });
  ends.push(() => engine.close(), () => proxy.close());
  await engine.start();
  await eventually(() => engine.connection.value.state === "signed-out");
  await engine.signIn(`${name}${process.pid}`);
  await live(engine);
  return { engine, proxy, jar, store };
}

function live(engine: Engine, seconds = 10): Promise<unknown> {
  return eventually(() => engine.connection.value.state === "live" && engine.conversations.value.length > 0, seconds);
}

async function shown(engine: Engine, key: Parameters<Engine["open"]>[0]): Promise<OpenConversation> {
  const conversation = engine.open(key);
  await eventually(() => !conversation.hasNewer.value && conversation.loading.value === "none");
  return conversation;
}

function texts(conversation: OpenConversation): string[] {
  return conversation.messages.value.filter((each) => each.state === "sent").map((each) => each.text);
}

test("with resets and lost answers in between, each message is in each list once, in one order", async () => {
  const [alice, bob] = [await page("falice"), await page("fbob")];
  const room = await alice.engine.createRoom(`faults${process.pid}`, "", false);
  await bob.engine.join(room.slice(1));
  const [a, b] = [await shown(alice.engine, room), await shown(bob.engine, room)];
  const expected: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const [victim, other] = round % 2 ? [alice, bob] : [bob, alice];
    // The requests arrive, their answers do not.
    victim.proxy.mute();
    for (let n = 0; n < 8; n += 1) {
      for (const each of [a, b]) expected.push(`${round}.${n}.${each === a ? "a" : "b"}`), each.send(expected.at(-1)!);
    }
    await eventually(() => texts(other === alice ? a : b).length >= expected.length);
    victim.proxy.reset();
    await live(victim.engine);
    await eventually(() => [a, b].every((each) => each.messages.value.every((m) => m.state === "sent")));
  }
  await eventually(() => texts(a).length >= expected.length && texts(b).length >= expected.length);
  assert.deepEqual([...texts(a)].sort(), [...expected].sort());
  assert.deepEqual(texts(b), texts(a));
  const again = await shown(alice.engine, room);
  while (again.hasOlder.value) await again.loadOlder();
  assert.deepEqual(texts(again), texts(a));
});

test("a message that was written offline is sent by the page after a reload, once", async () => {
  const before = await page("freload");
  const room = await before.engine.createRoom(`reload${process.pid}`, "", false);
  const conversation = await shown(before.engine, room);
  before.proxy.mute();
  conversation.send("written before the reload");
  conversation.setDraft({ text: "half a sentence", replyTo: 0 });
  await before.engine.close();
  before.proxy.reset();
  const engine = createEngine({ wire: nodeWire(before.proxy.url, before.jar), store: before.store, agent: "faults" });
  ends.push(() => engine.close());
  await engine.start();
  await live(engine);
  const after = await shown(engine, room);
  await eventually(() => texts(after).length > 0 && after.messages.value.every((each) => each.state === "sent"));
  assert.deepEqual(texts(after), ["written before the reload"]);
  assert.equal(after.draft.value.text, "half a sentence");
  assert.deepEqual(await before.store.unsent(engine.me.value!.number), []);
});

test("a connection that is silent is given up, and the state says so", async () => {
  const { engine, proxy } = await page("fsilent");
  proxy.mute();
  const connection = await eventually(() => engine.connection.value.state === "waiting" && engine.connection.value, 35);
  assert.equal((connection as { reason: string }).reason, "OFFLINE");
  await live(engine);
});

test("a conversation that was read offline is read in each tab once the connection is back", async () => {
  const [alice, bob] = [await page("fwriter"), await page("freader")];
  const tab = createEngine({ wire: nodeWire(bob.proxy.url, bob.jar), store: bob.store, agent: "faults" });
  ends.push(() => tab.close());
  await tab.start();
  await live(tab);
  const key = `@${alice.engine.me.value!.number}` as const;
  alice.engine.open(`@${bob.engine.me.value!.number}`).send("read this");
  const unread = (engine: Engine) => engine.conversations.value.find((each) => each.key === key)?.unread;
  const conversation = await shown(bob.engine, key);
  await eventually(() => unread(tab) === 1 && conversation.messages.value.length === 1);
  bob.proxy.reset();
  await eventually(() => bob.engine.connection.value.state !== "live");
  conversation.markRead();
  await eventually(() => unread(tab) === 0 && unread(bob.engine) === 0);
});

test("a list of people that is refused for its rate is read later, and no other list in its place", async () => {
  const calls: string[] = [];
  let refusals = 0;
  const { engine, proxy } = await page("fpeople", new MemoryStore(), (wire) => ({
    ...wire,
    chat: {
      ...wire.chat,
      listClients: (...given) => {
        calls.push("people");
        if ((refusals -= 1) >= 0) throw new ChatFailure("RATE_LIMITED", "Too many lists.", {}, 400);
        return wire.chat.listClients(...given);
      },
      listConversations: (...given) => {
        calls.push("conversations");
        return wire.chat.listConversations(...given);
      },
    },
  }));
  await page("fother");
  refusals = 1;
  calls.length = 0;
  const before = engine.people.value;
  proxy.reset();
  await eventually(() => calls.length >= 2 && engine.people.value !== before && engine.connection.value.state === "live");
  // Longer than the pause before the conversations would be read.
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(calls, ["people", "people"]);
});
