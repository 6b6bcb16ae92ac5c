// Messages and changes of rooms as the page shows them. Pure functions.

import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";

import {
  RoomChange_Change as RoomChanged,
  type Author as WireAuthor,
  type Message as WireMessage,
  type RoomChange,
  type StoredMessage,
  type Target,
} from "../gen/chat_grpc/v1/chat_pb.ts";
import { roomKey, userKey, type Author, type ConversationKey, type Message, type Notice, type Reaction } from "./api.ts";

export const NOBODY: Author = { number: 0, name: "" };

export function authorOf(author: WireAuthor | undefined): Author {
  return author ? { number: author.number, name: author.name } : NOBODY;
}

export function timeOf(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : 0;
}

/** Returns the conversation that a message belongs to, for the user with a number. */
export function keyOf(message: WireMessage, me: number): ConversationKey {
  if (message.to.case === "room") return roomKey(message.to.value);
  const addressee = message.to.case === "user" ? message.to.value.number : 0;
  return userKey(message.author?.number === me ? addressee : (message.author?.number ?? 0));
}

/** Returns the other user of a direct message. */
export function otherOf(message: WireMessage, me: number): Author | undefined {
  if (message.to.case !== "user") return undefined;
  return message.author?.number === me ? authorOf(message.to.value) : authorOf(message.author);
}

/** Returns the target of a conversation in a request. */
export function targetOf(key: ConversationKey): Pick<Target, "target"> {
  return key.startsWith("#")
    ? { target: { case: "room", value: key.slice(1) } }
    : { target: { case: "clientNumber", value: Number(key.slice(1)) } };
}

/** Returns a message that an event or a list brought. */
export function messageOf(sequence: number, time: number, message: WireMessage, me: number, id?: string): Message {
  const author = authorOf(message.author);
  return {
    id: id ?? `s${sequence}`,
    sequence,
    time,
    author,
    text: message.text,
    mine: author.number === me,
    replyTo: Number(message.replyTo),
    mentioned: message.mentionedNumbers,
    mentionsMe: author.number !== me && message.mentionedNumbers.includes(me),
    state: "sent",
    error: undefined,
    editTime: 0,
    changing: false,
    deleted: false,
    reactions: [],
  };
}

/** Returns a message of a list, in its current state. */
export function storedOf(stored: StoredMessage, me: number, id?: string): Message | undefined {
  if (!stored.message) return undefined;
  return {
    ...messageOf(Number(stored.sequence), timeOf(stored.time), stored.message, me, id),
    editTime: timeOf(stored.editTime),
    deleted: stored.deleted,
    reactions: stored.reactions.map((each) => ({ emoji: each.emoji, count: each.userCount, mine: each.mine, names: [] })),
  };
}

/** Returns the reactions after one more event. */
export function react(reactions: readonly Reaction[], emoji: string, who: Author, mine: boolean, removed: boolean): readonly Reaction[] {
  const found = reactions.find((each) => each.emoji === emoji);
  if (!found) return removed ? reactions : [...reactions, { emoji, count: 1, mine, names: [who.name] }];
  // The own streams also get an event that changes nothing.
  if (mine && found.mine !== removed) return reactions;
  const names = found.names.filter((name) => name !== who.name);
  const next: Reaction = removed
    ? { emoji, count: found.count - 1, mine: found.mine && !mine, names }
    : { emoji, count: found.count + 1, mine: found.mine || mine, names: [...names, who.name] };
  return reactions.map((each) => (each === found ? next : each)).filter((each) => each.count > 0);
}

/** Returns two runs of messages as one, by ascending sequence; `newer` wins for the same sequence. */
export function merge(older: readonly Message[], newer: readonly Message[]): readonly Message[] {
  const first = newer[0];
  const last = older.at(-1);
  if (!first) return older;
  if (!last || last.sequence < first.sequence) return [...older, ...newer];
  const all = new Map<number, Message>();
  for (const each of older) all.set(each.sequence, each);
  for (const each of newer) all.set(each.sequence, each);
  return [...all.values()].sort((a, b) => a.sequence - b.sequence);
}

const CHANGES: Record<RoomChanged, Notice["change"]> = {
  [RoomChanged.UNSPECIFIED]: "updated",
  [RoomChanged.CREATED]: "created",
  [RoomChanged.JOINED]: "joined",
  [RoomChanged.LEFT]: "left",
  [RoomChanged.INVITED]: "invited",
  [RoomChanged.ROLE]: "role",
  [RoomChanged.UPDATED]: "updated",
  [RoomChanged.DELETED]: "deleted",
};

/** Returns the notice of a change of a room. */
export function noticeOf(sequence: number, time: number, change: RoomChange): Notice {
  return {
    sequence,
    time,
    change: CHANGES[change.change],
    author: authorOf(change.author),
    subject: change.subject && authorOf(change.subject),
    role: change.role,
    topic: change.room?.topic ?? "",
  };
}
