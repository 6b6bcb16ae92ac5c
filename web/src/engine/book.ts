// The list of conversations, with unread and mention counts.

import { computed, signal } from "@preact/signals-core";

import { RoomChange_Change as Change, type Conversation, type Room, type RoomChange } from "../gen/chat_grpc/v1/chat_pb.ts";
import { roomKey, RoomRole, userKey, type Author, type ConversationKey, type ConversationSummary, type Message } from "./api.ts";
import type { Changes } from "./changes.ts";
import { authorOf, storedOf } from "./messages.ts";

/** The server counts no further. */
export const MAX_UNREAD = 1000;

type Summaries = ReadonlyMap<ConversationKey, ConversationSummary>;

/** All conversations of the user. */
export class Book {
  readonly summaries = signal<Summaries>(new Map());
  readonly sorted = computed(() =>
    [...this.summaries.value.values()].sort(
      (a, b) => (b.lastMessage?.sequence ?? 0) - (a.lastMessage?.sequence ?? 0) || (a.title < b.title ? -1 : 1),
    ),
  );

  /** Conversations whose mentions the last list reset: the server counts none, so the page counts them itself. */
  readonly #withoutMentions = new Set<ConversationKey>();

  constructor(private readonly changes: Changes) {}

  get(key: ConversationKey): ConversationSummary | undefined {
    return this.summaries.value.get(key);
  }

  /** Takes the list of the server; the changes that came while it was read have to follow. */
  take(conversations: readonly Conversation[], me: number, whole: boolean): void {
    const before = this.summaries.value;
    const next = new Map(whole ? [] : before);
    this.#withoutMentions.clear();
    for (const each of conversations) {
      const listed = summaryOf(each, me);
      const known = listed.unread > 0 ? before.get(listed.key) : undefined;
      if (!known) this.#withoutMentions.add(listed.key);
      next.set(listed.key, { ...listed, mentions: known?.mentions ?? 0 });
    }
    this.summaries.value = next;
  }

  update(key: ConversationKey, change: (summary: ConversationSummary) => ConversationSummary, start?: () => ConversationSummary): void {
    this.changes.apply(() => this.#update(key, change, start));
  }

  remove(key: ConversationKey): void {
    this.changes.apply(() => this.#remove(key));
  }

  /**
   * Counts a message that an event brought; returns false if a list already had it. `other` is the other user of a
   * direct conversation, which begins with its first message. A room that is unknown stays so: the user has left it.
   */
  arrived(key: ConversationKey, message: Message, other: Author | undefined): boolean {
    let counted = false;
    return this.changes.apply(() => {
      const mentions = message.mentionsMe && (!counted || this.#withoutMentions.has(key)) ? 1 : 0;
      counted = true;
      return this.#arrived(key, message, mentions, other);
    });
  }

  /** Notes that the user has read up to a sequence; returns false if later messages are unread. */
  markedRead(key: ConversationKey, sequence: number): boolean {
    return this.changes.apply(() => {
      const summary = this.get(key);
      if (!summary || sequence <= summary.readSequence) return true;
      const all = sequence >= (summary.lastMessage?.sequence ?? 0);
      this.#update(key, (each) => ({ ...each, readSequence: sequence, ...(all ? { unread: 0, mentions: 0 } : {}) }));
      return all;
    });
  }

  /** Changes a message where it is the last one of its conversation. */
  changed(sequence: number, change: (message: Message) => Message): void {
    this.changes.apply(() => {
      for (const { key, lastMessage } of this.summaries.peek().values()) {
        if (lastMessage?.sequence === sequence) this.#update(key, (each) => ({ ...each, lastMessage: change(lastMessage) }));
      }
    });
  }

  /** Takes a change of a room, or of a membership. */
  roomChanged(change: RoomChange, me: number): void {
    this.changes.apply(() => this.#roomChanged(change, me));
  }

  #update(key: ConversationKey, change: (summary: ConversationSummary) => ConversationSummary, start?: () => ConversationSummary): void {
    const known = this.get(key) ?? start?.();
    if (!known) return;
    this.summaries.value = new Map(this.summaries.value).set(key, change(known));
  }

  #remove(key: ConversationKey): void {
    const next = new Map(this.summaries.value);
    if (next.delete(key)) this.summaries.value = next;
  }

  #arrived(key: ConversationKey, message: Message, mentions: number, other: Author | undefined): boolean {
    const known = this.get(key)?.lastMessage;
    if (known && known.sequence >= message.sequence) return false;
    this.#update(
      key,
      (summary) => {
        const counts = !message.mine && message.sequence > summary.readSequence;
        return {
          ...summary,
          ...(other ? { user: other, title: other.name } : {}),
          lastMessage: message,
          unread: Math.min(MAX_UNREAD, summary.unread + Number(counts)),
          mentions: summary.mentions + (counts ? mentions : 0),
        };
      },
      other && (() => emptySummary(key, other)),
    );
    return true;
  }

  #roomChanged(change: RoomChange, me: number): void {
    if (!change.room) return;
    const key = roomKey(change.room.name);
    const mine = change.subject?.number === me;
    const ended = change.change === Change.DELETED || (change.change === Change.LEFT && mine);
    if (ended) return this.#remove(key);
    const joins = mine && (change.change === Change.JOINED || change.change === Change.CREATED);
    const created = change.change === Change.CREATED && change.author?.number === me;
    const room = change.room;
    const role = mine || created ? { myRole: change.role || RoomRole.MEMBER } : {};
    this.#update(
      key,
      (summary) => ({ ...summary, title: room.name, room: { ...room, myRole: summary.room?.myRole ?? 0, ...role } as Room }),
      joins || created ? () => emptySummary(key, undefined, room.name) : undefined,
    );
  }
}

/** Returns a summary that says whether the other user of a direct conversation is connected. */
export function withPresence(summary: ConversationSummary, people: ReadonlyMap<number, unknown>): ConversationSummary {
  const online = summary.user !== undefined && people.has(summary.user.number);
  return online === summary.online ? summary : { ...summary, online };
}

export function emptySummary(key: ConversationKey, user: Author | undefined, title = user?.name ?? key.slice(1)): ConversationSummary {
  return { key, room: undefined, user, title, lastMessage: undefined, unread: 0, mentions: 0, readSequence: 0, online: false };
}

function summaryOf(listed: Conversation, me: number): ConversationSummary {
  const room = listed.conversation.case === "room" ? listed.conversation.value : undefined;
  const user = listed.conversation.case === "user" ? authorOf(listed.conversation.value) : undefined;
  return {
    key: room ? roomKey(room.name) : userKey(user?.number ?? 0),
    room,
    user,
    title: room?.name ?? user?.name ?? "",
    lastMessage: listed.lastMessage && storedOf(listed.lastMessage, me),
    unread: listed.unreadCount,
    mentions: 0,
    readSequence: Number(listed.readSequence),
    online: false,
  };
}
