import { computed, effect, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { RoomRole, type Engine, type Message, type OpenConversation } from "../../engine/api.ts";
import type { ListHandle } from "../../list/VirtualList.tsx";
import { namesOf } from "../../talk/names.ts";
import type { Names } from "../../markdown/tree.ts";
import { errorText } from "../engine.ts";
import { toast } from "../kit/index.ts";
import { composer } from "./field.ts";

const HIGHLIGHT = 2500;

/** The state of the middle column while a conversation is open. */
export class Talk {
  readonly list: { current: ListHandle | null } = { current: null };
  /** The row that Tab reaches; null: the newest message. */
  readonly active = signal<string | null>(null);
  /** The row whose tools are in the page. */
  readonly tools = signal<string | null>(null);
  readonly editing = signal<Message | null>(null);
  readonly deleting = signal<Message | null>(null);
  /** The message that gets a reaction by the picker, and the element beside which the picker opens. */
  readonly reacting = signal<{ message: Message; beside: Element } | null>(null);
  /** The sequence of the message that a jump led to, for some seconds. */
  readonly highlighted = signal(0);
  readonly error = signal<unknown>(undefined);

  readonly activeKey = computed(() => this.active.value ?? this.conversation.messages.value.at(-1)?.id ?? null);
  /** In a direct conversation, the newest own message that the other user has read. */
  readonly readMark = computed(() => {
    const read = this.conversation.readByOther.value;
    return read === 0 ? 0 : (this.conversation.messages.value.findLast((each) => each.mine && each.sequence > 0 && each.sequence <= read)?.sequence ?? 0);
  });
  readonly role = computed(() => this.conversation.summary.value.room?.myRole ?? RoomRole.OWNER);
  readonly mayWrite = computed(() => this.role.value >= RoomRole.MEMBER);
  readonly #authors = computed(() => new Map(this.conversation.messages.value.map((each) => [each.author.number, each.author.name])));
  readonly #rooms = computed(() => this.engine.conversations.value.flatMap((each) => (each.room ? [each.room.name] : [])));

  constructor(
    readonly engine: Engine,
    readonly conversation: OpenConversation,
  ) {}

  get isRoom(): boolean {
    return this.conversation.key.startsWith("#");
  }

  names(message: Message): Names {
    // The server tells the mentions of a message to all but the page that sent it.
    const own = message.mine && message.mentioned.length === 0 && message.text.includes("@");
    const mentioned = own ? [...this.engine.people.value.keys()] : message.mentioned;
    return namesOf(mentioned, (number) => this.nameOf(number), this.#rooms.value);
  }

  nameOf(number: number): string | undefined {
    const me = this.engine.me.value;
    return me?.number === number ? me.name : (this.engine.people.value.get(number)?.name ?? this.#authors.value.get(number));
  }

  mayDelete(message: Message): boolean {
    return message.mine || (this.isRoom && this.role.value >= RoomRole.MODERATOR);
  }

  /** Show a message, and highlight it. */
  async jump(sequence: number): Promise<void> {
    const here = () => this.conversation.messages.peek().find((each) => each.sequence === sequence);
    try {
      const found = here() ? sequence : await this.conversation.loadAround(sequence);
      this.#show(found);
    } catch (error) {
      this.fail(error);
    }
  }

  async jumpToDate(time: number): Promise<void> {
    try {
      this.#show(await this.conversation.loadDate(time));
    } catch (error) {
      this.fail(error);
    }
  }

  #show(sequence: number): void {
    const message = this.conversation.messages.peek().find((each) => each.sequence === sequence);
    if (message === undefined) return;
    this.highlighted.value = sequence;
    this.active.value = message.id;
    // The list gets its new rows with the next drawing.
    requestAnimationFrame(() => this.list.current?.scrollTo(message.id));
    window.setTimeout(() => {
      if (this.highlighted.peek() === sequence) this.highlighted.value = 0;
    }, HIGHLIGHT);
  }

  async jumpToNewest(): Promise<void> {
    this.active.value = null;
    try {
      if (this.conversation.hasNewer.peek()) await this.conversation.loadNewest();
      requestAnimationFrame(() => this.list.current?.scrollToEnd());
    } catch (error) {
      this.fail(error);
    }
  }

  reply(message: Message): void {
    this.editing.value = null;
    this.conversation.setDraft({ ...this.conversation.draft.peek(), replyTo: message.sequence });
    composer.current?.focus();
  }

  edit(message: Message): void {
    this.editing.value = message;
    requestAnimationFrame(() => composer.current?.focus());
  }

  /** Edit the newest own message, once it is stored; return false if there is none in the window. */
  editLast(): boolean {
    const last = this.conversation.messages.peek().findLast((each) => each.mine && !each.deleted && each.state !== "failed");
    if (last === undefined) return false;
    if (last.sequence > 0) this.edit(last);
    else this.#editOnceStored(last.id);
    return true;
  }

  /** Edit a message that is on its way, unless something else is written by then. */
  #editOnceStored(id: string): void {
    const stop = effect(() => {
      const now = this.conversation.messages.value.find((each) => each.id === id);
      if (now?.state === "sending") return;
      stop();
      const idle = this.editing.peek() === null && this.conversation.draft.peek().text === "";
      if (idle && now !== undefined && now.sequence > 0) this.edit(now);
    });
  }

  react(message: Message, emoji: string): void {
    const mine = message.reactions.some((each) => each.emoji === emoji && each.mine);
    this.conversation.react(message.sequence, emoji, mine).catch((error: unknown) => this.fail(error));
  }

  fail(error: unknown): void {
    toast({ kind: "error", text: errorText(error) });
  }
}

export const TalkContext = createContext<Talk | undefined>(undefined);

/** Return the state of the open conversation. */
export function useTalk(): Talk {
  const talk = useContext(TalkContext);
  if (!talk) throw new Error("There is no TalkContext above this component.");
  return talk;
}
