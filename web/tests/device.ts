// The page's engine as a client of the history checker, which tests/torture/page_device.py runs: commands come as JSON
// lines on standard input, and records go out as JSON lines on standard output. Each `load` is one load of the page.

import { createInterface } from "node:readline";

import { toBinary } from "@bufbuild/protobuf";
import { effect } from "@preact/signals-core";

import type { ConversationKey, OpenConversation } from "../src/engine/api.ts";
import { createEngine } from "../src/engine/engine.ts";
import { PASSING } from "../src/engine/outbox.ts";
import { MemoryStore, type Unsent } from "../src/engine/store.ts";
import { Tab, type TabStorage } from "../src/engine/tab.ts";
import { EventSchema, type Event } from "../src/gen/chat_grpc/v1/chat_pb.ts";
import type { Request, Wire } from "../src/wire/wire.ts";
import { Jar, nodeWire } from "./node_wire.ts";

/** The place or the target tells where a request goes; `what` is that of the checker's records. */
interface Ask {
  readonly id: string;
  readonly what: string;
  readonly place: string;
  readonly text: string;
  readonly target: number;
}
type Command =
  | { readonly do: "load"; readonly stream: string; readonly new: boolean }
  | { readonly do: "shown" }
  | ({ readonly do: "ask" } & Ask);

/** Events that the session of the engine takes itself. */
const OF_SESSION = new Set<Event["event"]["case"]>(["welcome", "caughtUp", "heartbeat", "goAway"]);
/** Time without a call after which the lists of the engine are complete. */
const REST_MS = 300;
const MAX_WAIT_MS = 20_000;

const [base = "", token = ""] = process.argv.slice(2);
const jar = new Jar();
jar.set(`chat-grpc-${new URL(base).port}`, token);

/** What the browser keeps over a reload: the tables of the store, and the open conversations. */
const unsent = new Map<string, Unsent>();
const opened = new Set<ConversationKey>(["#lobby"]);
const session = new Map<string, string>();
const storage: TabStorage = {
  getItem: (name) => session.get(name) ?? null,
  setItem: (name, text) => session.set(name, text),
  removeItem: (name) => session.delete(name),
};
const tab = new Tab(storage, "tab");
let calls = 0;
let lastCall = 0;

/** Returns the time of the clock that the checker's records have: seconds of CLOCK_MONOTONIC. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

class Store extends MemoryStore {
  constructor(private readonly removed: (id: string) => void) {
    super(unsent);
  }
  override async removeUnsent(id: string): Promise<void> {
    await super.removeUnsent(id);
    this.removed(id);
  }
}

class Load {
  readonly #wire: Wire = counted(nodeWire(base, jar));
  readonly #engine = createEngine({
    wire: { ...this.#wire, connect: (handlers) => this.#connect(handlers) },
    store: new Store((id) => this.#settle(id)),
    tab,
    agent: "torture",
    newId: () => this.#id,
    observe: (event) => this.#observe(event),
  });
  readonly #conversations = new Map<ConversationKey, OpenConversation>();
  readonly #waiting = new Map<string, Ask>();
  readonly #noted = new Set<string>();
  readonly #end: () => void;
  #id = "";

  constructor(private readonly stream: string) {
    const kept = tab.read();
    this.#tell("opened", { log_id: kept?.position.logId ?? "", after: kept?.position.sequence ?? 0 });
    // A tab that knows its user puts these into the outbox before anything new.
    if (kept) for (const id of unsent.keys()) this.#note(id);
    this.#end = effect(() => this.#tell("state", { live: this.#engine.connection.value.state === "live" }));
    for (const key of opened) this.#open(key);
    void this.#engine.start();
  }

  /** Ends the load as a browser does that leaves the page. */
  close(): void {
    this.#end();
    void this.#engine.close();
    for (const [id, { what }] of this.#waiting) {
      this.#tell("unknown", { request_id: id });
      if (what !== "message") this.#tell("settled", { request_id: id });
    }
    this.#tell("closed", {});
  }

  ask(ask: Ask): void {
    const { id, what, place, text, target } = ask;
    // The page shows no composer before it knows its user.
    if (!this.#engine.me.peek()) return this.#settle(id);
    const conversation = this.#open((place || this.#placeOf(target)) as ConversationKey);
    if (what === "typing") return conversation.typingNow();
    if (what === "read_marker") return conversation.markRead(target);
    this.#note(id);
    this.#waiting.set(id, ask);
    this.#id = id;
    if (what === "message") conversation.send(text, target);
    else void this.#change(conversation, ask).then(() => this.#settle(id), () => this.#settle(id));
  }

  async shown(): Promise<void> {
    const end = now() + MAX_WAIT_MS / 1000;
    const atRest = () => calls === 0 && now() - lastCall > REST_MS / 1000 && this.#engine.connection.peek().state === "live";
    while (!atRest() && now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    const mine = new Set(this.#engine.conversations.peek().map((each) => each.key));
    const lists = [...this.#conversations].filter(([key]) => mine.has(key)).map(([key, each]) => ({ place: key, ...listOf(each) }));
    this.#tell("shown", { lists });
  }

  #change(conversation: OpenConversation, { what, text, target }: Ask): Promise<void> {
    if (what === "edited") return conversation.edit(target, text);
    if (what === "deleted") return conversation.delete(target);
    return conversation.react(target, text.replace("-", ""), text.startsWith("-"));
  }

  #placeOf(sequence: number): string {
    const has = (each: OpenConversation) => each.messages.peek().some((message) => message.sequence === sequence);
    return [...this.#conversations].find(([, each]) => has(each))?.[0] ?? "#lobby";
  }

  #open(key: ConversationKey): OpenConversation {
    opened.add(key);
    const conversation = this.#conversations.get(key) ?? this.#engine.open(key);
    this.#conversations.set(key, conversation);
    return conversation;
  }

  #connect(handlers: Parameters<Wire["connect"]>[0]): ReturnType<Wire["connect"]> {
    const stream = this.#wire.connect({
      ...handlers,
      received: (events) => {
        for (const each of events) {
          if (OF_SESSION.has(each.event.case)) this.#event(each);
          handlers.received([each]);
        }
      },
    });
    return { send: (request) => this.#send(stream, request), close: () => stream.close() };
  }

  #send(stream: ReturnType<Wire["connect"]>, request: Request): void {
    const { requestId = "" } = "requestId" in request.value! ? request.value : {};
    // A new tab learns its user with the first stream, and then repeats what others did not get acknowledged.
    if (unsent.has(requestId) && !this.#noted.has(requestId)) this.#note(requestId);
    if (request.case === "markRead") {
      const { target, sequence } = request.value as { target: { target: { case: string; value: string | number } }; sequence: bigint };
      this.#tell("mark", { place: `${target.target.case === "room" ? "#" : "@"}${target.target.value}`, target: Number(sequence) });
    }
    stream.send(request);
  }

  #observe(event: Event): void {
    this.#event(event);
    if (event.event.case !== "rejected") return;
    const { requestId, error } = event.event.value;
    if (!PASSING.has(error?.reason ?? "") && unsent.has(requestId)) queueMicrotask(() => this.#discard(requestId));
  }

  #discard(id: string): void {
    const key = unsent.get(id)?.key;
    if (key) this.#open(key).discard(id);
  }

  #note(id: string): void {
    this.#noted.add(id);
    this.#tell("ask", { request_id: id });
  }

  #settle(id: string): void {
    this.#waiting.delete(id);
    this.#tell("settled", { request_id: id });
  }

  #event(event: Event): void {
    this.#tell("event", { raw: Buffer.from(toBinary(EventSchema, event)).toString("base64") });
  }

  #tell(kind: string, fields: object): void {
    process.stdout.write(`${JSON.stringify({ kind, at: now(), stream: this.stream, ...fields })}\n`);
  }
}

/** Returns the messages that a conversation shows, in the order of the page. */
function listOf(conversation: OpenConversation) {
  const messages = conversation.messages.peek().filter((each) => each.state === "sent");
  const items = messages.map(({ sequence, author, text, deleted, editTime, reactions }) => [sequence, author.number, text, deleted, editTime > 0, reactions.map(({ emoji, count }) => [emoji, count])]);
  return { items, whole: !conversation.hasOlder.peek(), live: !conversation.hasNewer.peek() };
}

/** Returns the wire with a count of the calls that are on their way. */
function counted(wire: Wire): Wire {
  const chat = new Proxy(wire.chat, {
    get: (client, name) => async (...given: unknown[]) => {
      calls += 1;
      try {
        return await (client as never as Record<string | symbol, (...given: unknown[]) => unknown>)[name]!(...given);
      } finally {
        calls -= 1;
        lastCall = now();
      }
    },
  });
  return { ...wire, chat };
}

let load: Load | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  if (command.do === "load") {
    load?.close();
    if (command.new) session.clear();
    load = new Load(command.stream);
  } else if (command.do === "ask") load?.ask(command);
  else void load?.shown();
}
load?.close();
process.exit();
