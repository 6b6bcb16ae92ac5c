// The engine against a real server, whose URL is in CHAT_URL; tests/web/test_units.py starts it.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { userKey, type Engine } from "../src/engine/api.ts";
import { createEngine } from "../src/engine/engine.ts";
import { MemoryStore, type Store } from "../src/engine/store.ts";
import { Jar, nodeWire } from "./node_wire.ts";
import { eventually } from "./support.ts";

const URL_OF_CHAT = process.env["CHAT_URL"];
const engines: Engine[] = [];
let names = 0;
after(() => Promise.all(engines.map((each) => each.close())));

async function start(jar = new Jar(), store: Store = new MemoryStore()): Promise<Engine> {
  const engine = createEngine({ wire: nodeWire(URL_OF_CHAT!, jar), store, agent: "units" });
  engines.push(engine);
  await engine.start();
  return engine;
}

async function guest(jar = new Jar()): Promise<Engine> {
  const engine = await start(jar);
  await eventually(() => engine.connection.value.state === "signed-out");
  await engine.signIn(`guest${process.pid}x${(names += 1)}`.slice(0, 30));
  await live(engine);
  return engine;
}

function live(engine: Engine): Promise<unknown> {
  return eventually(() => engine.connection.value.state === "live" && engine.conversations.value.length > 0);
}

test("without a session the engine is signed out, and says so", async () => {
  const engine = await start();
  const connection = await eventually(() => engine.connection.value.state === "signed-out" && engine.connection.value);
  assert.equal((connection as { reason: string }).reason, "NOT_SIGNED_IN");
  assert.equal((await engine.signInOptions()).guests, true);
});

test("messages of both sides are in both lists, once and in the same order", async () => {
  const [alice, bob] = [await guest(), await guest()];
  const [a, b] = [alice.open("#lobby"), bob.open("#lobby")];
  await eventually(() => a.loading.value === "none" && b.loading.value === "none" && !a.hasNewer.value && !b.hasNewer.value);
  const before = a.messages.value.length;
  for (let n = 0; n < 20; n += 1) (n % 2 ? a : b).send(`text ${n}`);
  const lists = () => [a, b].map((each) => each.messages.value.filter((m) => m.state === "sent").map((m) => m.sequence));
  await eventually(() => lists().every((each) => each.length === before + 20));
  assert.deepEqual(lists()[0], lists()[1]);
});

test("direct messages count as unread in each tab until one of them reads", async () => {
  const jar = new Jar();
  const [alice, bob] = [await guest(), await guest(jar)];
  const tab = await start(jar);
  await live(tab);
  const key = userKey(alice.me.value!.number);
  alice.open(userKey(bob.me.value!.number)).send("hello");
  const unread = (engine: Engine) => engine.conversations.value.find((each) => each.key === key)?.unread;
  await eventually(() => unread(bob) === 1 && unread(tab) === 1);
  const shown = tab.open(key);
  await eventually(() => shown.messages.value.length === 1);
  assert.equal(shown.newAfter.value, 0);
  shown.markRead();
  await eventually(() => unread(bob) === 0 && unread(tab) === 0);
});

test("events that come while the lists are read are in the lists", async () => {
  const jar = new Jar();
  const [alice, bob] = [await guest(), await guest(jar)];
  const [from, to] = [alice.me.value!, bob.me.value!];
  const [direct, lobby] = [alice.open(userKey(to.number)), alice.open("#lobby")];
  direct.send("one");
  await eventually(() => bob.unread.value === 1);
  const wire = nodeWire(URL_OF_CHAT!, jar);
  let read = 0;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const late = <A extends unknown[], R>(list: (...given: A) => Promise<R>) => async (...given: A) => {
    const found = await list(...given);
    read += 1;
    await answered;
    return found;
  };
  const { listConversations, listClients, listRooms, listBlocked } = wire.chat;
  const events: Array<string | undefined> = [];
  const tab = createEngine({
    wire: {
      ...wire,
      chat: {
        ...wire.chat,
        listConversations: late(listConversations),
        listClients: late(listClients),
        listRooms: late(listRooms),
        listBlocked: late(listBlocked),
      },
    },
    store: new MemoryStore(),
    agent: "units",
    observe: (event) => events.push(event.event.case),
  });
  engines.push(tab);
  await tab.start();
  await eventually(() => read === 4);
  direct.send("two");
  const first = lobby.send(`for @${to.name}`);
  const room = await alice.createRoom(`late${process.pid}`, "", true);
  await alice.invite(room.slice(1), to.name);
  const carol = await guest();
  await tab.block(carol.me.value!.number);
  const seen = (kind: string) => events.filter((each) => each === kind).length;
  await eventually(() => seen("message") === 2 && seen("roomChange") === 1 && tab.people.value.has(carol.me.value!.number));
  const { sequence } = await eventually(() => lobby.messages.value.find((each) => each.id === first && each.sequence > 0));
  await alice.open("#lobby").edit(sequence, `now for @${to.name}`);
  await eventually(() => seen("edited") === 1);
  answer();
  await eventually(() => tab.conversations.value.some((each) => each.title === from.name && each.unread === 2));
  const listed = tab.conversations.value.find((each) => each.key === "#lobby")!;
  assert.deepEqual([listed.unread, listed.mentions, listed.lastMessage?.text], [1, 1, `now for @${to.name}`]);
  assert.ok(tab.people.value.has(carol.me.value!.number) && tab.blocked.value.has(carol.me.value!.number));
  assert.deepEqual(tab.invitations.value.map((each) => each.name), [room.slice(1)]);
});

test("edits, reactions and deletions of one reach the other", async () => {
  const [alice, bob] = [await guest(), await guest()];
  const [a, b] = [alice.open("#lobby"), bob.open("#lobby")];
  await eventually(() => !a.hasNewer.value && !b.hasNewer.value);
  const id = a.send("first");
  const { sequence } = await eventually(() => a.messages.value.find((each) => each.id === id && each.sequence > 0));
  await a.edit(sequence, "second");
  await b.react(sequence, "👍");
  const seen = () => b.messages.value.find((each) => each.sequence === sequence);
  await eventually(() => seen()?.text === "second" && seen()?.editTime);
  await eventually(() => a.messages.value.find((each) => each.sequence === sequence)?.reactions[0]?.count === 1);
  await eventually(() => seen()?.reactions[0]?.mine);
  await a.delete(sequence);
  await eventually(() => seen()?.deleted);
  await assert.rejects(b.edit(sequence, "not mine"), { name: "ChatFailure" });
});

test("a long conversation is paged through without a gap, by a date and around a message", async () => {
  const alice = await guest();
  const room = await alice.createRoom(`long${process.pid}`, "", false);
  const shown = alice.open(room);
  await eventually(() => !shown.hasNewer.value);
  for (let n = 0; n < 180; n += 1) shown.send(`${n}`);
  await eventually(() => shown.messages.value.filter((each) => each.state === "sent").length === 180, 20);
  const again = alice.open(room);
  await eventually(() => again.messages.value.length === 100);
  await again.loadOlder();
  assert.deepEqual(again.messages.value.map((each) => each.text), [...Array(180).keys()].map(String));
  assert.equal(again.hasOlder.value, false);
  const middle = again.messages.value[20]!.sequence;
  const at = await again.loadAround(middle);
  assert.equal(again.loadError.value, undefined);
  assert.equal(at, middle);
  while (again.hasNewer.value) await again.loadNewer();
  assert.equal(again.messages.value.at(-1)!.text, "179");
  assert.equal(await again.loadDate(again.messages.value[0]!.time - 60_000), shown.messages.value[0]!.sequence);
});

test("a refused message fails, and can be discarded", async () => {
  const alice = await guest();
  const shown = alice.open("#lobby");
  await eventually(() => !shown.hasNewer.value);
  const id = shown.send("x".repeat(20_000));
  const message = await eventually(() => shown.messages.value.find((each) => each.id === id && each.state === "failed"));
  assert.equal(message.error!.reason, "TEXT_TOO_LONG");
  shown.discard(id);
  assert.equal(shown.messages.value.some((each) => each.id === id), false);
});

test("the users of a conversation stay known after it was closed", async () => {
  // Bob is here first, so that Alice gets no presence of his.
  const bob = await guest();
  const alice = await guest();
  const { name, number } = bob.me.value!;
  const b = bob.open("#lobby");
  b.send("here");
  await eventually(() => b.messages.value.some((each) => each.mine && each.state === "sent"));
  const a = alice.open("#lobby");
  await eventually(() => a.messages.value.some((each) => each.author.number === number));
  a.close();
  assert.deepEqual([...alice.known()].filter((each) => each.number === number), [{ number, name }]);
});
