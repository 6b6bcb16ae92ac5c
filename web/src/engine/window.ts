// A gapless run of the messages of one conversation: pages of the history, and events at the live end.

import { signal } from "@preact/signals-core";

import { callFailure } from "../wire/errors.ts";
import type { Author, ChatError, Message, Notice } from "./api.ts";
import { Changes } from "./changes.ts";
import { PAGE, type History, type Page } from "./history.ts";
import { merge, react } from "./messages.ts";

/** A window holds at most this many messages; it drops those at the end that is farther from the reader. */
export const MAX_WINDOW = 2000;
/** A list that was read this recently may hold a reaction whose event comes after it. */
const UNSURE_MS = 5000;

export type Loading = "none" | "first" | "older" | "newer" | "around";
type Change = (message: Message) => Message;

export class Window {
  readonly messages = signal<readonly Message[]>([]);
  readonly notices = signal<readonly Notice[]>([]);
  readonly hasOlder = signal(true);
  readonly hasNewer = signal(true);
  readonly loading = signal<Loading>("none");
  readonly loadError = signal<ChatError | undefined>(undefined);
  readonly #changes = new Changes();
  #readAt = 0;
  #recheck = new Set<number>();
  #unsure = new Set<number>();
  #failed: (() => Promise<void>) | undefined;

  constructor(
    private readonly history: History,
    private readonly head: () => number,
  ) {}

  loadNewest(kind: Loading = "first"): Promise<void> {
    return this.#load(kind, () => this.history.before(0), (page) => {
      this.messages.value = page.messages;
      this.hasOlder.value = page.more;
      this.hasNewer.value = false;
    });
  }

  async loadOlder(): Promise<void> {
    const first = this.messages.value[0];
    if (!first || !this.hasOlder.value || this.loading.value !== "none") return;
    await this.#load("older", () => this.history.before(first.sequence), (page) => {
      const all = merge(page.messages, this.messages.value);
      this.hasOlder.value = page.more;
      if (all.length > MAX_WINDOW) this.hasNewer.value = true;
      this.messages.value = all.slice(0, MAX_WINDOW);
    });
  }

  async loadNewer(): Promise<void> {
    const last = this.messages.value.at(-1);
    if (!last || !this.hasNewer.value || this.loading.value !== "none") return;
    await this.#load("newer", () => this.history.after(last.sequence, this.head()), (page) => {
      const all = merge(this.messages.value, page.messages);
      this.hasNewer.value = page.more;
      if (all.length > MAX_WINDOW) this.hasOlder.value = true;
      this.messages.value = all.slice(-MAX_WINDOW);
    });
  }

  async loadAround(sequence: number): Promise<number> {
    const read = async (): Promise<Page & { older: boolean }> => {
      const [before, after] = await Promise.all([
        this.history.before(sequence + 1, PAGE / 2),
        this.history.after(sequence, Math.max(this.head(), sequence + 1)),
      ]);
      return { messages: merge(before.messages, after.messages), more: after.more, older: before.more };
    };
    await this.#load("around", read, (page) => {
      this.messages.value = page.messages;
      this.hasOlder.value = page.older;
      this.hasNewer.value = page.more;
    });
    return this.messages.value.findLast((each) => each.sequence <= sequence)?.sequence ?? 0;
  }

  /** Adds a message at the live end; one that is in the window already stays. */
  add(message: Message): void {
    this.#changes.apply(() => {
      if (this.hasNewer.value || this.messages.value.some((each) => each.sequence === message.sequence)) return;
      // The answer to a request of an earlier load may name a message before the window.
      if (this.hasOlder.value && message.sequence < (this.messages.value[0]?.sequence ?? 0)) return;
      const all = merge(this.messages.value, [message]);
      if (all.length > MAX_WINDOW) this.hasOlder.value = true;
      this.messages.value = all.slice(-MAX_WINDOW);
    });
  }

  notice(notice: Notice): void {
    this.notices.value = [...this.notices.value.slice(-200), notice];
  }

  /** Changes a message of the window; the change must be safe to repeat. */
  change(sequence: number, change: Change): void {
    this.#changes.apply(() => this.#replace(sequence, change));
  }

  /** Adds or removes a reaction. Counts are not safe to repeat, so a fresh list is read again. */
  react(sequence: number, emoji: string, who: Author, mine: boolean, removed: boolean): void {
    const unsure = this.loading.value !== "none" || Date.now() - this.#readAt < UNSURE_MS;
    if (unsure) void this.recheck(sequence);
    else this.#replace(sequence, (each) => ({ ...each, reactions: react(each.reactions, emoji, who, mine, removed) }));
  }

  /** Repeats the reads that failed, once the connection is back. */
  retry(): void {
    void this.#failed?.();
    for (const each of this.#unsure) void this.recheck(each);
  }

  /** Reads one message again. */
  async recheck(sequence: number): Promise<void> {
    if (this.#recheck.has(sequence)) return;
    this.#recheck.add(sequence);
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#recheck.delete(sequence);
    this.#unsure.delete(sequence);
    try {
      const [found] = (await this.history.before(sequence + 1, 1, sequence - 1)).messages;
      if (found) this.#replace(sequence, (each) => ({ ...found, id: each.id, changing: each.changing }));
    } catch (error) {
      const { retryAfter } = callFailure(error);
      this.#unsure.add(sequence);
      if (retryAfter !== undefined) setTimeout(() => this.recheck(sequence), retryAfter);
    }
  }

  #replace(sequence: number, change: Change): void {
    const at = this.messages.value.findIndex((each) => each.sequence === sequence);
    if (at >= 0) this.messages.value = this.messages.value.with(at, change(this.messages.value[at]!));
  }

  async #load<P extends Page>(kind: Loading, read: () => Promise<P>, take: (page: P) => void): Promise<void> {
    this.loading.value = kind;
    this.#failed = undefined;
    this.#changes.clear();
    const done = () => {
      this.#readAt = Date.now();
      this.#finish(undefined);
    };
    try {
      await this.#changes.read(read, take, done);
    } catch (error) {
      this.#failed = () => this.#load(kind, read, take);
      this.#finish(callFailure(error));
    }
  }

  #finish(error: ChatError | undefined): void {
    this.loading.value = "none";
    this.loadError.value = error;
  }
}
