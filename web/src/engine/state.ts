// The state that the parts of the engine share, and the own messages on their way.

import { create } from "@bufbuild/protobuf";
import { computed, signal } from "@preact/signals-core";

import { MessageSchema, type Client, type Room } from "../gen/chat_grpc/v1/chat_pb.ts";
import { ChatFailure } from "../wire/errors.ts";
import type { Wire } from "../wire/wire.ts";
import { roomKey, type Author, type ConversationKey, type Draft, type Me, type Message } from "./api.ts";
import { Book } from "./book.ts";
import { Changes } from "./changes.ts";
import type { Outbox } from "./outbox.ts";
import type { Store, Unsent } from "./store.ts";
import type { Session } from "./session.ts";
import { messageOf, NOBODY, targetOf } from "./messages.ts";

/** The server recognizes a repeated request id for 24 hours. */
const RESEND_MS = 23 * 3600 * 1000;
const TYPING_MS = 6000;
const MAX_IDS = 5000;

export const EMPTY_DRAFT: Draft = { text: "", replyTo: 0 };

export class State {
  readonly me = signal<Me | undefined>(undefined);
  readonly people = signal<ReadonlyMap<number, Client>>(new Map());
  /** Users whom this page saw, by number; they may have left. */
  readonly seen = new Map<number, Author>();
  readonly blocked = signal<ReadonlySet<number>>(new Set());
  /** The changes of the lists below that the server has, too: people, blocked users, conversations, invitations. */
  readonly changes = new Changes();
  readonly book = new Book(this.changes);
  readonly invitations = signal<readonly Room[]>([]);
  readonly pending = signal<ReadonlyMap<ConversationKey, readonly Message[]>>(new Map());
  readonly drafts = signal<ReadonlyMap<ConversationKey, Draft>>(new Map());
  readonly typing = signal<ReadonlyMap<ConversationKey, readonly Author[]>>(new Map());
  /** The sequence up to which the other user of a direct conversation has read. */
  readonly readByOther = signal<ReadonlyMap<ConversationKey, number>>(new Map());
  readonly clockOffset = signal(0);
  /** True once the conversations of the user were read. */
  readonly listed = signal(false);
  /** The ids under which own messages were shown before they had a sequence. */
  readonly ids = new Map<number, string>();
  readonly #typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly number = computed(() => this.me.value?.number ?? 0);

  constructor(
    readonly wire: Wire,
    readonly store: Store,
    readonly outbox: Outbox,
    readonly session: Session,
    readonly newId: () => string,
    /** Called with each own message that is stored. */
    private readonly stored: (key: ConversationKey, message: Message) => void,
    /** Called with an error of the store of the browser, which only a reload would show. */
    readonly storeFailed: (error: unknown) => void,
  ) {}

  /** Sends a message; it is in `pending` until it is stored. */
  send(unsent: Unsent): void {
    this.#setPending(unsent.key, (all) => [...all, this.#pendingMessage(unsent)]);
    this.store.putUnsent(unsent).catch(this.storeFailed);
    this.#post(unsent);
  }

  /** Sends a failed message again under its request id. */
  retry(key: ConversationKey, id: string): void {
    const message = this.pending.value.get(key)?.find((each) => each.id === id);
    if (!message || message.state !== "failed") return;
    this.#setPending(key, (all) => all.map((each) => (each.id === id ? { ...each, state: "sending", error: undefined } : each)));
    const unsent = { requestId: id, user: this.number.peek(), key, text: message.text, replyTo: message.replyTo, time: message.time };
    this.store.putUnsent(unsent).catch(this.storeFailed);
    this.#post(unsent);
  }

  discard(key: ConversationKey, id: string): void {
    this.#setPending(key, (all) => all.filter((each) => each.id !== id || each.state !== "failed"));
    this.store.removeUnsent(id).catch(this.storeFailed);
  }

  /** Takes the messages that an earlier page did not get acknowledged, and its drafts. */
  async restore(user: number): Promise<void> {
    for (const unsent of await this.store.unsent(user)) {
      if (this.outbox.has(unsent.requestId)) continue;
      this.#setPending(unsent.key, (all) => [...all, this.#pendingMessage(unsent)]);
      const { refusal } = unsent;
      if (refusal) this.#failed(unsent, new ChatFailure(refusal.reason, refusal.message, refusal.metadata));
      else if (Date.now() - unsent.time < RESEND_MS) this.#post(unsent);
      else this.#failed(unsent, new ChatFailure("UNKNOWN", "The message is too old to be sent again without asking."));
    }
    this.drafts.value = new Map([...(await this.store.drafts(user)), ...this.drafts.value]);
  }

  setDraft(key: ConversationKey, draft: Draft): void {
    this.drafts.value = new Map(this.drafts.value).set(key, draft);
    this.store.putDraft(this.number.peek(), key, draft).catch(this.storeFailed);
  }

  showTyping(key: ConversationKey, author: Author): void {
    const others = (this.typing.value.get(key) ?? []).filter((each) => each.number !== author.number);
    this.typing.value = new Map(this.typing.value).set(key, [...others, author]);
    const timer = `${key} ${author.number}`;
    clearTimeout(this.#typingTimers.get(timer));
    this.#typingTimers.set(timer, setTimeout(() => this.stopTyping(key, author.number), TYPING_MS));
  }

  stopTyping(key: ConversationKey, number: number): void {
    clearTimeout(this.#typingTimers.get(`${key} ${number}`));
    this.#typingTimers.delete(`${key} ${number}`);
    const all = this.typing.value.get(key);
    if (!all?.some((each) => each.number === number)) return;
    this.typing.value = new Map(this.typing.value).set(key, all.filter((each) => each.number !== number));
  }

  otherRead(key: ConversationKey, sequence: number): void {
    if (sequence <= (this.readByOther.value.get(key) ?? 0)) return;
    this.readByOther.value = new Map(this.readByOther.value).set(key, sequence);
  }

  /** Adds a user to the connected ones. */
  arrived(client: Client): void {
    this.changes.apply(() => (this.people.value = new Map(this.people.value).set(client.number, client)));
  }
  /** Removes a user from the connected ones. */
  left(number: number): void {
    this.changes.apply(() => (this.people.value = without(this.people.value, number)));
  }

  /** Notes that the user blocked another one, or no longer does. */
  setBlocked(number: number, on: boolean): void {
    this.changes.apply(() => {
      const others = [...this.blocked.value].filter((each) => each !== number);
      this.blocked.value = new Set(on ? [...others, number] : others);
    });
  }

  /** Notes that the user is invited to a room, or no longer is. */
  setInvited(key: ConversationKey, room: Room | undefined): void {
    this.changes.apply(() => {
      const others = this.invitations.value.filter((each) => roomKey(each.name) !== key);
      this.invitations.value = room ? [...others, room] : others;
    });
  }

  /** Forgets everything of the user. */
  clear(): void {
    this.changes.clear();
    for (const timer of this.#typingTimers.values()) clearTimeout(timer);
    this.#typingTimers.clear();
    this.outbox.clear();
    this.ids.clear();
    this.seen.clear();
    this.me.value = undefined;
    this.listed.value = false;
    this.book.summaries.value = new Map();
    for (const each of [this.people, this.pending, this.drafts, this.typing, this.readByOther]) {
      each.value = new Map();
    }
    this.blocked.value = new Set();
    this.invitations.value = [];
  }

  #post(unsent: Unsent): void {
    const { requestId, key, text, replyTo } = unsent;
    this.outbox.add(
      requestId,
      { case: "send", value: { target: targetOf(key), text, requestId, replyTo: BigInt(replyTo) } },
      (sequence, time) => this.#sent(unsent, sequence, time),
      (failure) => this.#refused(unsent, failure),
    );
  }

  #sent(unsent: Unsent, sequence: number, time: number): void {
    const pending = this.pending.value.get(unsent.key)?.find((each) => each.id === unsent.requestId);
    const author = this.#self();
    this.store.removeUnsent(unsent.requestId).catch(this.storeFailed);
    this.ids.set(sequence, unsent.requestId);
    if (this.ids.size > MAX_IDS) this.ids.delete(this.ids.keys().next().value!);
    if (pending) this.stored(unsent.key, { ...pending, author, sequence, time: time || pending.time, state: "sent", error: undefined });
    this.#setPending(unsent.key, (all) => all.filter((each) => each.id !== unsent.requestId));
  }

  /** Keeps a refused message as such, so that a reload does not send it again. */
  #refused(unsent: Unsent, failure: ChatFailure): void {
    const { reason, message, metadata } = failure;
    this.store.putUnsent({ ...unsent, refusal: { reason, message, metadata } }).catch(this.storeFailed);
    this.#failed(unsent, failure);
  }

  #failed(unsent: Unsent, error: ChatFailure): void {
    this.#setPending(unsent.key, (all) => all.map((each) => (each.id === unsent.requestId ? { ...each, state: "failed", error } : each)));
  }

  #pendingMessage(unsent: Unsent): Message {
    const author = this.#self();
    return {
      ...messageOf(0, unsent.time, create(MessageSchema, { text: unsent.text, replyTo: BigInt(unsent.replyTo) }), author.number, unsent.requestId),
      author,
      mine: true,
      state: "sending",
    };
  }

  #self(): Author {
    const { number, name } = this.me.peek() ?? NOBODY;
    return { number, name };
  }

  #setPending(key: ConversationKey, change: (all: readonly Message[]) => readonly Message[]): void {
    this.pending.value = new Map(this.pending.value).set(key, change(this.pending.value.get(key) ?? []));
  }
}

function without<K, V>(all: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const next = new Map(all);
  next.delete(key);
  return next;
}
