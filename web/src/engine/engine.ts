// The engine: events of the stream go to the state, and actions of the page to the server.

import { batch, computed, type ReadonlySignal } from "@preact/signals-core";

import {
  Presence_Change,
  Recovery,
  RoomChange_Change as RoomChanged,
  type Event,
  type Message as WireMessage,
  type ReadMarker,
  type RoomChange,
  type Welcome,
} from "../gen/chat_grpc/v1/chat_pb.ts";
import { ChatFailure, requestFailure } from "../wire/errors.ts";
import type { Wire } from "../wire/wire.ts";
import { Account } from "./account.ts";
import { Actions } from "./actions.ts";
import {
  roomKey,
  userKey,
  type Arrival,
  type Author,
  type ConversationKey,
  type ConversationSummary,
  type Engine,
  type Message,
  type OpenConversation,
} from "./api.ts";
import { MAX_UNREAD, withPresence } from "./book.ts";
import { Conversation } from "./conversation.ts";
import { authorOf, keyOf, messageOf, noticeOf, otherOf, timeOf } from "./messages.ts";
import { newRequestId, Outbox } from "./outbox.ts";
import { Reader } from "./reader.ts";
import { Session } from "./session.ts";
import { State } from "./state.ts";
import type { Store } from "./store.ts";
import { Tab, type Kept } from "./tab.ts";

export interface EngineOptions {
  readonly wire: Wire;
  readonly store: Store;
  /** What the tab keeps over a reload; by default nothing. */
  readonly tab?: Tab;
  /** The program and its version, which other users see. */
  readonly agent: string;
  /** Returns the id of a new request; by default 128 random bits. */
  readonly newId?: () => string;
  /** Called with each event of the streams, before the state takes it. */
  readonly observe?: (event: Event) => void;
}

/** A reload after a crash of the tab repeats events of at most this time. */
const KEEP_MS = 2000;

/** Returns an engine; `start` begins. */
export function createEngine(options: EngineOptions): Engine {
  return new ChatEngine(options);
}

class ChatEngine extends Actions implements Engine {
  readonly conversations: ReadonlySignal<readonly ConversationSummary[]>;
  readonly unread: ReadonlySignal<number>;
  readonly attention: ReadonlySignal<number>;
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #account: Account;
  readonly #reader: Reader;
  readonly #open = new Set<Conversation>();
  readonly #tab: Tab;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  /** The stream began at the head, so that `everything` reads what others read when it is live. */
  #fresh = false;
  readonly #listeners = new Set<(arrival: Arrival) => void>();

  constructor({ wire, store, tab, agent, newId = newRequestId, observe }: EngineOptions) {
    const session = new Session(wire, agent, {
      welcomed: (welcome, fresh) => this.#welcomed(welcome, fresh),
      event: (event) => {
        observe?.(event);
        this.#event(event);
      },
      live: () => this.#live(),
      signedOut: () => this.#forget(),
    });
    const outbox = new Outbox((request) => session.send(request));
    const state = new State(wire, store, outbox, session, newId, (key, message) => this.#stored(key, message), (error) => console.error(error));
    super(state);
    this.#session = session;
    this.#outbox = outbox;
    this.#tab = tab ?? new Tab(undefined, "");
    this.#account = new Account(wire, () => {
      session.forget();
      session.connect();
    });
    this.#reader = new Reader(state);
    this.conversations = computed(() => this.#withPresence());
    this.unread = computed(() => total(this.conversations.value, (each) => each.unread));
    this.attention = computed(() => total(this.conversations.value, (each) => (each.user ? each.unread : each.mentions)));
  }

  get connection() {
    return this.#session.connection;
  }
  get me() {
    return this.state.me;
  }
  get people() {
    return this.state.people;
  }
  get blocked() {
    return this.state.blocked;
  }
  get invitations() {
    return this.state.invitations;
  }
  get clockOffset() {
    return this.state.clockOffset;
  }

  async start(): Promise<void> {
    const kept = this.#tab.read();
    if (kept) this.#resume(kept);
    this.#session.connect();
  }
  keep(): void {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    const [me, position] = [this.me.peek(), this.#session.position];
    // While a list is being read, the lists that are here may be older than the position.
    if (!me || !position || !this.state.listed.peek() || this.#reader.reads) return;
    const [conversations, readByOther] = [this.state.book.sorted.peek(), [...this.state.readByOther.peek()]];
    this.#tab.write({ position, me, conversations, readByOther, invitations: this.invitations.peek() });
  }
  async close(): Promise<void> {
    this.keep();
    clearTimeout(this.#keeping);
    this.#session.end({ state: "stopped", reason: "CANCELED", message: "The page was closed." });
    this.#outbox.clear();
    this.#reader.close();
  }
  reconnectNow(): void {
    if (this.connection.peek().state !== "signed-out") this.#session.connect();
  }
  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  signInOptions() {
    return this.#account.options();
  }
  signIn(name: string, password?: string) {
    return this.#account.signIn(name, password);
  }
  register(name: string, password: string, inviteCode?: string) {
    return this.#account.register(name, password, inviteCode);
  }
  startDeviceSignIn() {
    return this.#account.startDeviceSignIn();
  }
  startBrowserSignIn(page: string) {
    return this.#account.startBrowserSignIn(page);
  }
  finishBrowserSignIn(query: URLSearchParams, binding: string) {
    return this.#account.finishBrowserSignIn(query, binding);
  }
  changePassword(oldPassword: string, newPassword: string) {
    return this.#account.changePassword(oldPassword, newPassword);
  }
  async signOut(): Promise<void> {
    await this.#account.signOut();
    await this.#signedOut();
  }
  listTokens() {
    return this.#account.listTokens();
  }
  revokeToken(id: string) {
    return this.#account.revokeToken(id);
  }
  exportData() {
    return this.#account.exportData();
  }
  async deleteAccount(password: string, deleteMessages: boolean): Promise<void> {
    await this.#account.deleteAccount(password, deleteMessages);
    await this.#signedOut();
  }
  async #signedOut(): Promise<void> {
    this.#session.end({ state: "signed-out", reason: "NOT_SIGNED_IN", message: "" });
    this.#forget();
    await this.state.store.clear();
  }

  known(): Iterable<Author> {
    const all = new Map(this.state.seen);
    for (const each of this.#open) for (const user of each.users()) all.set(user.number, user);
    return all.values();
  }

  open(key: ConversationKey, sequence = 0): OpenConversation {
    const conversation = new Conversation(this.state, key, sequence, (closed) => {
      this.#open.delete(closed);
      // The users of a conversation stay known, but not to the next user of the tab.
      if (this.me.peek()) for (const user of closed.users()) this.state.seen.set(user.number, user);
    });
    this.#open.add(conversation);
    return conversation;
  }

  // ------------------------------------------------------------ events

  /** Begins with the lists that an earlier load kept, at its position. */
  #resume({ position, me, conversations, invitations, readByOther }: Kept): void {
    this.#session.resumeAt(position);
    batch(() => {
      this.state.me.value = me;
      this.state.book.summaries.value = new Map(conversations.map((each) => [each.key, each]));
      this.state.readByOther.value = new Map(readByOther);
      this.state.invitations.value = invitations;
      this.state.listed.value = true;
    });
    void this.state.restore(me.number).catch(this.state.storeFailed);
  }

  #keepSoon(): void {
    this.#keeping ??= setTimeout(() => this.keep(), KEEP_MS);
  }

  #welcomed(welcome: Welcome, missed: boolean): void {
    const { client, admin, limits, serverVersion, recovery } = welcome;
    if (!client) throw new ChatFailure("UNKNOWN", "The welcome of the server has no client.");
    const changed = this.state.number.peek() !== client.number;
    const again = this.state.listed.peek();
    // The sequences of another log say nothing about those that are here.
    const other = recovery === Recovery.OTHER_LOG || (changed && this.state.me.peek() !== undefined);
    if (other) this.#clear();
    this.#fresh = missed || other;
    batch(() => {
      this.state.me.value = { number: client.number, name: client.name, guest: client.guest, admin, limits, serverVersion };
      this.state.arrived(client);
    });
    if (changed || other) void this.state.restore(client.number).catch(this.state.storeFailed);
    if (this.#fresh) void this.#reader.everything().then(() => again && this.#refresh());
    // A conversation that loads for the first time reads behind the welcome: later events come by the stream.
    this.#outbox.resend();
    if (!this.#fresh) for (const each of this.#open) each.sendMarker();
  }

  #live(): void {
    if (!this.#fresh) void this.#reader.present();
    this.#fresh = false;
    this.#keepSoon();
    for (const each of this.#open) each.window.retry();
  }

  #refresh(): void {
    for (const each of this.#open) each.refresh();
  }

  #event(event: Event): void {
    batch(() => this.#apply(event));
    this.#keepSoon();
  }

  #apply({ event, sequence, time }: Event): void {
    const me = this.state.number.peek();
    const at = timeOf(time);
    const position = Number(sequence);
    if (at > 0) this.state.clockOffset.value = at - Date.now();
    switch (event.case) {
      case "message":
        return this.#message(position, at, event.value);
      case "sent":
        this.#session.head = Math.max(this.#session.head, Number(event.value.sequence));
        return this.#outbox.sent(event.value.requestId, Number(event.value.sequence), at);
      case "rejected":
        return this.#outbox.rejected(event.value.requestId, requestFailure(event.value.error));
      case "presence":
        return this.#presence(event.value.client, event.value.change);
      case "typing": {
        const { author, room } = event.value;
        return this.state.showTyping(room ? roomKey(room) : userKey(author?.number ?? 0), authorOf(author));
      }
      case "edited":
        return this.#edited(Number(event.value.targetSequence), event.value.message, at);
      case "deleted":
        return this.#deleted(Number(event.value.targetSequence));
      case "reaction": {
        const { targetSequence, author, emoji, removed } = event.value;
        const who = authorOf(author);
        for (const each of this.#open) each.window.react(Number(targetSequence), emoji, who, who.number === me, removed);
        return;
      }
      case "readMarker":
        return this.#readMarker(event.value);
      case "roomChange":
        return this.#roomChange(position, at, event.value);
    }
  }

  #message(sequence: number, time: number, wire: WireMessage): void {
    const me = this.state.number.peek();
    const key = keyOf(wire, me);
    const message = messageOf(sequence, time, wire, me, this.state.ids.get(sequence));
    for (const each of this.#open) if (each.key === key) each.window.add(message);
    this.state.stopTyping(key, message.author.number);
    if (key.startsWith("@") && !message.mine) this.state.otherRead(key, sequence);
    if (!this.state.book.arrived(key, message, otherOf(wire, me)) || message.mine) return;
    const summary = this.state.book.get(key);
    if (!summary || sequence <= summary.readSequence) return;
    const arrival: Arrival = { key, title: summary.title, message, personal: key.startsWith("@") || message.mentionsMe };
    for (const listener of this.#listeners) listener(arrival);
  }

  /** Takes an own message that is stored: this stream gets no event of it. */
  #stored(key: ConversationKey, message: Message): void {
    for (const each of this.#open) if (each.key === key) each.window.add(message);
    const user = key.startsWith("@") ? this.state.book.get(key)?.user : undefined;
    const number = Number(key.slice(1));
    const known = user ?? (key.startsWith("@") ? { number, name: this.state.people.peek().get(number)?.name ?? key } : undefined);
    this.state.book.arrived(key, message, known);
  }

  #edited(sequence: number, message: WireMessage | undefined, time: number): void {
    if (!message?.text) return;
    const { text, mentionedNumbers } = message;
    const mentionsMe = mentionedNumbers.includes(this.state.number.peek());
    this.#change(sequence, (each) => ({ ...each, text, mentioned: mentionedNumbers, mentionsMe: mentionsMe && !each.mine, editTime: time }));
  }

  #deleted(sequence: number): void {
    this.#change(sequence, (each) => ({ ...each, text: "", deleted: true, reactions: [] }));
    this.#reader.conversationsSoon();
  }

  #change(sequence: number, change: (message: Message) => Message): void {
    for (const each of this.#open) each.window.change(sequence, change);
    this.state.book.changed(sequence, change);
  }

  #readMarker(marker: ReadMarker): void {
    const { author, conversation, readSequence } = marker;
    const sequence = Number(readSequence);
    const mine = author?.number === this.state.number.peek();
    if (conversation.case === "user" && !mine) return this.state.otherRead(userKey(author?.number ?? 0), sequence);
    if (!mine || !conversation.case) return;
    const key = conversation.case === "room" ? roomKey(conversation.value) : userKey(conversation.value.number);
    if (!this.state.book.markedRead(key, sequence)) this.#reader.conversationsSoon();
  }

  #presence(client: Welcome["client"], change: Presence_Change): void {
    if (!client) return;
    this.state.seen.set(client.number, client);
    if (change === Presence_Change.LEFT) this.state.left(client.number);
    else this.state.arrived(client);
  }

  #roomChange(sequence: number, time: number, change: RoomChange): void {
    const me = this.state.number.peek();
    const name = change.room?.name ?? "";
    const key = roomKey(name);
    this.state.book.roomChanged(change, me);
    const concernsMe = change.subject?.number === me || change.change === RoomChanged.DELETED;
    if (concernsMe) {
      this.#reader.conversationsSoon();
      this.state.setInvited(key, change.change === RoomChanged.INVITED ? change.room : undefined);
    }
    for (const each of this.#open) {
      if (each.key !== key) continue;
      each.window.notice(noticeOf(sequence, time, change));
      // Messages from before the user came back were on no stream.
      if (change.subject?.number === me && [RoomChanged.JOINED, RoomChanged.CREATED].includes(change.change)) each.refresh();
      const membersChange = ![RoomChanged.UPDATED, RoomChanged.DELETED].includes(change.change);
      if (membersChange && each.members.peek()) void each.loadMembers().catch((error) => (each.window.loadError.value = error));
    }
  }

  // ------------------------------------------------------------ state

  #withPresence(): readonly ConversationSummary[] {
    const people = this.state.people.value;
    return this.state.book.sorted.value.map((each) => withPresence(each, people));
  }

  #forget(): void {
    this.#session.forget();
    this.#clear();
  }

  /** Forgets everything of the user, also what the tab keeps. */
  #clear(): void {
    this.#reader.close();
    this.#tab.clear();
    batch(() => this.state.clear());
  }
}

function total(all: readonly ConversationSummary[], count: (each: ConversationSummary) => number): number {
  return Math.min(MAX_UNREAD, all.reduce((sum, each) => sum + count(each), 0));
}
