// An open conversation: its window, the own messages on their way, and the actions on it.

import { batch, computed, effect, signal, type ReadonlySignal } from "@preact/signals-core";

import { callFailure } from "../wire/errors.ts";
import type { Request } from "../wire/wire.ts";
import type { Author, ConversationKey, ConversationSummary, Draft, Member, Message, OpenConversation } from "./api.ts";
import { emptySummary, withPresence } from "./book.ts";
import { History } from "./history.ts";
import { authorOf, targetOf } from "./messages.ts";
import { EMPTY_DRAFT, type State } from "./state.ts";
import { Window } from "./window.ts";

/** The server forwards typing once a second; readers show it for some seconds. */
const TYPING_EVERY_MS = 2000;

export class Conversation implements OpenConversation {
  readonly window: Window;
  readonly summary: ReadonlySignal<ConversationSummary>;
  readonly messages: ReadonlySignal<readonly Message[]>;
  readonly newAfter = signal(0);
  readonly members = signal<readonly Member[] | undefined>(undefined);
  readonly typing: ReadonlySignal<readonly Author[]>;
  readonly readByOther: ReadonlySignal<number>;
  readonly draft: ReadonlySignal<Draft>;
  readonly #history: History;
  readonly #changing = signal<ReadonlySet<number>>(new Set());
  #typedAt = 0;
  #memberReads = 0;
  #marked = 0;
  #endFirst: (() => void) | undefined;

  constructor(
    private readonly state: State,
    readonly key: ConversationKey,
    sequence: number,
    private readonly closed: (conversation: Conversation) => void,
  ) {
    this.#history = new History(state.wire, key, () => state.number.peek(), (each) => state.ids.get(each));
    this.window = new Window(this.#history, () => state.session.head);
    this.summary = computed(() => {
      const found = state.book.summaries.value.get(key) ?? emptySummary(key, this.#otherUser());
      return withPresence(found, state.people.value);
    });
    this.messages = computed(() => this.#all());
    this.typing = computed(() => state.typing.value.get(key) ?? []);
    this.readByOther = computed(() => state.readByOther.value.get(key) ?? 0);
    this.draft = computed(() => state.drafts.value.get(key) ?? EMPTY_DRAFT);
    // The signed-in user is known with the first stream; nothing can be read before.
    let first = false;
    const end = effect(() => {
      if (!state.listed.value) return;
      first = true;
      this.#endFirst?.();
      this.#endFirst = undefined;
      const summary = this.summary.peek();
      if (summary.unread > 0) this.newAfter.value = summary.readSequence;
      void (sequence > 0 ? this.window.loadAround(sequence) : this.window.loadNewest());
    });
    if (first) end();
    else this.#endFirst = end;
  }

  get notices() {
    return this.window.notices;
  }
  get hasOlder() {
    return this.window.hasOlder;
  }
  get hasNewer() {
    return this.window.hasNewer;
  }
  get loading() {
    return this.window.loading;
  }
  get loadError() {
    return this.window.loadError;
  }

  loadOlder(): Promise<void> {
    return this.window.loadOlder();
  }
  loadNewer(): Promise<void> {
    return this.window.loadNewer();
  }
  loadNewest(): Promise<void> {
    return this.window.loadNewest("newer");
  }
  loadAround(sequence: number): Promise<number> {
    return this.window.loadAround(sequence);
  }
  async loadDate(time: number): Promise<number> {
    const sequence = await this.#history.firstAt(time, this.state.session.head);
    return sequence === 0 ? 0 : this.window.loadAround(sequence);
  }

  async find(sequence: number): Promise<Message | undefined> {
    const shown = this.window.messages.peek().find((each) => each.sequence === sequence);
    if (shown) return shown;
    const own = await this.#history.before(sequence + 1, 1, sequence - 1);
    if (own.messages[0] || this.key === "#lobby") return own.messages[0];
    // An answer in a room may refer to a message of the lobby.
    const lobby = new History(this.state.wire, "#lobby", () => this.state.number.peek(), () => undefined);
    return (await lobby.before(sequence + 1, 1, sequence - 1)).messages[0];
  }

  send(text: string, replyTo = 0): string {
    const requestId = this.state.newId();
    if (this.hasNewer.peek() && this.loading.peek() === "none") void this.loadNewest();
    this.state.send({ requestId, user: this.state.number.peek(), key: this.key, text, replyTo, time: Date.now() });
    return requestId;
  }

  edit(sequence: number, text: string): Promise<void> {
    return this.#request(sequence, (requestId) => ({ case: "edit", value: { targetSequence: BigInt(sequence), text, requestId } }));
  }
  delete(sequence: number): Promise<void> {
    return this.#request(sequence, (requestId) => ({ case: "deleteMessage", value: { targetSequence: BigInt(sequence), requestId } }));
  }
  react(sequence: number, emoji: string, remove = false): Promise<void> {
    const value = { targetSequence: BigInt(sequence), emoji, remove };
    return this.#request(sequence, (requestId) => ({ case: "react", value: { ...value, requestId } }));
  }

  retry(id: string): void {
    this.state.retry(this.key, id);
  }
  discard(id: string): void {
    this.state.discard(this.key, id);
  }

  markRead(sequence = this.window.messages.peek().at(-1)?.sequence ?? 0): void {
    const known = Math.max(this.#marked, this.summary.peek().readSequence);
    if (sequence <= known) return;
    this.#marked = sequence;
    this.sendMarker();
    const newest = this.summary.peek().lastMessage?.sequence ?? 0;
    if (sequence >= newest) this.state.book.markedRead(this.key, sequence);
  }

  /** Sends the newest marker, also again on a new stream: a marker is not acknowledged, and may be lost. */
  sendMarker(): void {
    if (this.#marked === 0) return;
    const value = { target: targetOf(this.key), sequence: BigInt(this.#marked) };
    this.state.session.send({ case: "markRead", value });
  }

  typingNow(): void {
    if (Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.state.session.send({ case: "setTyping", value: { target: targetOf(this.key) } });
  }

  setDraft(draft: Draft): void {
    this.state.setDraft(this.key, draft);
  }

  async loadMembers(): Promise<void> {
    if (!this.key.startsWith("#")) return;
    const round = (this.#memberReads += 1);
    try {
      const all: Member[] = [];
      let pageToken = "";
      do {
        const page = await this.state.wire.chat.listRoomMembers({ room: this.key.slice(1), pageSize: 1000, pageToken });
        all.push(...page.members.map(({ user, role, connected }) => ({ user: authorOf(user), role, connected })));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      // A later read may have ended before this one.
      if (round === this.#memberReads) this.members.value = all;
    } catch (error) {
      throw callFailure(error);
    }
  }

  /** Reads the window again, because events may be missing. */
  refresh(): void {
    this.#marked = 0;
    if (this.#endFirst) return;
    const last = this.window.messages.peek().at(-1);
    if (last && this.hasNewer.peek()) void this.window.loadAround(last.sequence);
    else void this.window.loadNewest("newer");
    if (this.members.peek()) void this.loadMembers().catch((error) => (this.window.loadError.value = callFailure(error)));
  }

  close(): void {
    this.#endFirst?.();
    this.closed(this);
  }

  /** Returns the authors and the members that it has loaded. */
  *users(): Iterable<Author> {
    for (const { author } of this.messages.peek()) yield author;
    for (const { user } of this.members.peek() ?? []) yield user;
  }

  #all(): readonly Message[] {
    const changing = this.#changing.value;
    const stored = this.window.messages.value;
    const shown = changing.size === 0 ? stored : stored.map((each) => (changing.has(each.sequence) ? { ...each, changing: true } : each));
    const pending = this.window.hasNewer.value ? [] : (this.state.pending.value.get(this.key) ?? []);
    return pending.length === 0 ? shown : [...shown, ...pending];
  }

  #otherUser(): Author | undefined {
    if (this.key.startsWith("#")) return undefined;
    const number = Number(this.key.slice(1));
    const known = this.state.people.value.get(number) ?? this.state.seen.get(number);
    return { number, name: known?.name ?? `@${number}` };
  }

  /** Makes a request that changes a message. Its event, which also comes on this stream, changes the window. */
  #request(sequence: number, request: (id: string) => Request): Promise<void> {
    const id = this.state.newId();
    const mark = (on: boolean): void => {
      const next = new Set(this.#changing.peek());
      if (on) next.add(sequence);
      else next.delete(sequence);
      this.#changing.value = next;
    };
    mark(true);
    return new Promise<void>((resolve, reject) => {
      const end = (finish: () => void): void => {
        batch(() => mark(false));
        finish();
      };
      this.state.outbox.add(id, request(id), () => end(resolve), (failure) => end(() => reject(failure)));
    });
  }
}
