// The public types of the engine: the model of the chat without any DOM. Views import from here only.
//
// State is read from signals; an object in a signal is never changed, a change makes a new object. Actions
// are methods. A method that waits for the server rejects with a `ChatError`. Nothing here decides who may
// do what: the server does, and its refusal arrives as a `ChatError` or as a failed message.

import type { ReadonlySignal } from "@preact/signals-core";

import type {
  Client as Person,
  Limits,
  Room,
  RoomRole,
} from "../gen/chat_grpc/v1/chat_pb.ts";
import type { RegistrationMode } from "../gen/chat_grpc/v1/account_pb.ts";

export { RoomRole } from "../gen/chat_grpc/v1/chat_pb.ts";
export { RegistrationMode } from "../gen/chat_grpc/v1/account_pb.ts";
export type { Limits, Person, Room };

/** The key of a conversation: `#room` (the name folded to lower case) or `@number`. It is stable, and fits in a URL. */
export type ConversationKey = `#${string}` | `@${number}`;

/** A user as an event names it. A number is never given to another user; a name may change its owner. */
export interface Author {
  readonly number: number;
  readonly name: string;
}

/** The reason of a refusal or of the end of a stream; the list is at `RequestError.reason` in chat.proto.
 *  `OFFLINE` (the server could not be reached), `CANCELED` and `UNKNOWN` are the engine's own. */
export type Reason = string;

/** An error of an action. `message` is a sentence of the server, in English; texts/ has texts for reasons. */
export interface ChatError extends Error {
  readonly reason: Reason;
  /** The values in the message, for example `max_text_bytes` or `expire_time`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds after which a retry may succeed; undefined if a retry does not help or the time is not known. */
  readonly retryAfter: number | undefined;
}

/** The state of the session and its stream.
 *  - `starting`: the engine reads what it kept, and opens the first stream.
 *  - `signed-out`: there is no session; `reason` says why it ended (`NOT_SIGNED_IN` at first).
 *  - `connecting`: a stream is being opened, or catches up.
 *  - `live`: everything up to now was received.
 *  - `waiting`: the stream ended by `reason`; the next try is at `retryAt` (ms since 1970).
 *  - `stopped`: the stream ended, and only the user may start it again (`KICKED`, `REPLACED`, `BANNED`). */
export type Connection =
  | { readonly state: "starting" }
  | { readonly state: "signed-out"; readonly reason: Reason; readonly message: string }
  | { readonly state: "connecting"; readonly since: number; readonly attempt: number }
  | { readonly state: "live"; readonly since: number }
  | { readonly state: "waiting"; readonly reason: Reason; readonly message: string; readonly retryAt: number; readonly attempt: number }
  | { readonly state: "stopped"; readonly reason: Reason; readonly message: string };

/** The signed-in user. */
export interface Me {
  readonly number: number;
  readonly name: string;
  readonly guest: boolean;
  /** True if the user has the admin role. */
  readonly admin: boolean;
  readonly limits: Limits | undefined;
  readonly serverVersion: string;
}

/** One emoji on a message, in the order in which each emoji was first given. */
export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
  /** The names of those whose reaction the engine saw; may be fewer than `count`. */
  readonly names: readonly string[];
}

/** `sending`: in the outbox, sent or waiting for the connection. `failed`: refused, see `Message.error`; the
 *  user may retry it under the same request id, or discard it. */
export type SendState = "sending" | "sent" | "failed";

/** A message of a conversation, or a message that is being sent. */
export interface Message {
  /** Stable from the first display on: the request id of an own message of this page, else `s` and the sequence. */
  readonly id: string;
  /** The position in the log; 0 while it is not stored. */
  readonly sequence: number;
  /** Milliseconds since 1970: the server's time, or while it is not stored the time of sending. */
  readonly time: number;
  readonly author: Author;
  readonly text: string;
  readonly mine: boolean;
  /** The sequence of the message that this one answers, or 0. */
  readonly replyTo: number;
  readonly mentioned: readonly number[];
  /** True if it mentions the signed-in user. */
  readonly mentionsMe: boolean;
  readonly state: SendState;
  readonly error: ChatError | undefined;
  /** The time of the last edit in ms since 1970, or 0. */
  readonly editTime: number;
  /** An edit or a deletion of it is on its way. */
  readonly changing: boolean;
  readonly deleted: boolean;
  readonly reactions: readonly Reaction[];
}

/** A line that says that a room or its members changed, in the order of the log. */
export interface Notice {
  readonly sequence: number;
  readonly time: number;
  readonly change: "created" | "joined" | "left" | "invited" | "role" | "updated" | "deleted";
  readonly author: Author;
  readonly subject: Author | undefined;
  readonly role: RoomRole;
  readonly topic: string;
}

/** A row of the list of conversations. */
export interface ConversationSummary {
  readonly key: ConversationKey;
  /** The room; undefined for a direct conversation. */
  readonly room: Room | undefined;
  /** The other user of a direct conversation; undefined for a room. */
  readonly user: Author | undefined;
  /** The name of the room or of the user, without `#` and `@`. */
  readonly title: string;
  readonly lastMessage: Message | undefined;
  /** Messages of others after the read marker; 1000 means 1000 or more. */
  readonly unread: number;
  /** How many of them mention the signed-in user, as far as the engine has seen them. */
  readonly mentions: number;
  readonly readSequence: number;
  /** True if the other user of a direct conversation is connected. */
  readonly online: boolean;
}

/** A window of a conversation: a gapless run of its messages. Close it when it is no longer shown. */
export interface OpenConversation {
  readonly key: ConversationKey;
  readonly summary: ReadonlySignal<ConversationSummary>;
  /** Messages by ascending sequence; own messages that are not stored yet come last (only at the newest end). */
  readonly messages: ReadonlySignal<readonly Message[]>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** True if older (newer) messages may exist beyond the window. `hasNewer` is false at the live end. */
  readonly hasOlder: ReadonlySignal<boolean>;
  readonly hasNewer: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<"none" | "first" | "older" | "newer" | "around">;
  /** The error of the last load that failed; undefined after the next one that did not. */
  readonly loadError: ReadonlySignal<ChatError | undefined>;
  /** The read marker when the conversation was opened: the line "new" goes after it. 0: no line. */
  readonly newAfter: ReadonlySignal<number>;
  /** Users who are typing now, without the signed-in user. */
  readonly typing: ReadonlySignal<readonly Author[]>;
  /** In a direct conversation, the sequence up to which the other user has read; else 0. */
  readonly readByOther: ReadonlySignal<number>;
  /** The text that was typed and not sent, kept over a reload. */
  readonly draft: ReadonlySignal<Draft>;
  /** Members of the room with their roles; undefined until `loadMembers` was called, and in direct conversations. */
  readonly members: ReadonlySignal<readonly Member[] | undefined>;

  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Moves the window around a message. Resolves to its sequence, or to that of the nearest message before it, or 0. */
  loadAround(sequence: number): Promise<number>;
  /** Moves the window to the first message of a day or later (ms since 1970). Resolves to its sequence, or 0. */
  loadDate(time: number): Promise<number>;
  /** Moves the window to the newest messages. */
  loadNewest(): Promise<void>;
  /** Returns a message by its sequence, from the window or the server; undefined if it may not be read. For quotes. */
  find(sequence: number): Promise<Message | undefined>;
  /** Sends a message: shows it at once, keeps it over a reload until it is acknowledged. Returns its `Message.id`. */
  send(text: string, replyTo?: number): string;
  edit(sequence: number, text: string): Promise<void>;
  delete(sequence: number): Promise<void>;
  react(sequence: number, emoji: string, remove?: boolean): Promise<void>;
  /** Sends a failed message again under the same request id. */
  retry(id: string): void;
  /** Forgets a failed message. */
  discard(id: string): void;
  /** Moves the read marker to the newest message of the window. Call it when the user has seen the end. */
  markRead(sequence?: number): void;
  /** Tells the others that the user types; call it on each change of the text. The engine limits the rate. */
  typingNow(): void;
  setDraft(draft: Draft): void;
  loadMembers(): Promise<void>;
  close(): void;
}

/** A text that was not sent. */
export interface Draft {
  readonly text: string;
  /** The sequence of the message that it answers, or 0. */
  readonly replyTo: number;
}

/** A member of a room. */
export interface Member {
  readonly user: Author;
  readonly role: RoomRole;
  readonly connected: boolean;
}

/** The ways to sign in and to register. */
export interface SignInOptions {
  readonly registration: RegistrationMode;
  /** True if a name is enough to chat. */
  readonly guests: boolean;
  /** True if users of an OpenID Connect issuer may sign in, by `startDeviceSignIn`. */
  readonly issuer: { readonly issuer: string; readonly clientId: string } | undefined;
}

/** A sign-in at the issuer: the user opens `uri` and enters `code`. */
export interface DeviceSignIn {
  readonly code: string;
  readonly uri: string;
  /** The page with the code in the address, or empty. */
  readonly completeUri: string;
  /** ms since 1970 */
  readonly expiresAt: number;
  /** Resolves when the user is signed in; rejects when the code expires or the sign-in is denied. */
  readonly done: Promise<void>;
  cancel(): void;
}

/** A sign-in at the issuer in this browser. */
export interface BrowserSignIn {
  /** The page of the issuer. */
  readonly url: string;
  /** Keep it in this tab until the browser comes back; it is no token. */
  readonly binding: string;
}

/** A sign-in of the user, or the token of a bot. */
export interface TokenRow {
  readonly id: string;
  /** The label of a bot's token; empty for a sign-in. */
  readonly label: string;
  /** ms since 1970 */
  readonly createTime: number;
  /** ms since 1970; up to an hour before the last use */
  readonly lastUseTime: number;
}

/** A hit of a search. */
export interface Hit {
  readonly key: ConversationKey;
  readonly title: string;
  readonly message: Message;
}

export interface HitPage {
  readonly hits: readonly Hit[];
  /** Returns the next page; undefined after all messages were searched. A page may be empty. */
  readonly more: (() => Promise<HitPage>) | undefined;
}

/** A message that arrived live, for notifications: of another user, not seen before, not read yet. */
export interface Arrival {
  readonly key: ConversationKey;
  readonly title: string;
  readonly message: Message;
  /** True in direct conversations and if the message mentions the user. */
  readonly personal: boolean;
}

/** The engine. One for each page; `start` begins, `close` ends it. */
export interface Engine {
  readonly connection: ReadonlySignal<Connection>;
  /** Undefined while signed out. */
  readonly me: ReadonlySignal<Me | undefined>;
  /** The connected users, by number, the signed-in one included. */
  readonly people: ReadonlySignal<ReadonlyMap<number, Person>>;
  /** Conversations, the one with the newest message first. */
  readonly conversations: ReadonlySignal<readonly ConversationSummary[]>;
  /** Unread direct messages and mentions over all conversations, for the title: 1000 means 1000 or more. */
  readonly attention: ReadonlySignal<number>;
  /** Unread messages over all conversations. */
  readonly unread: ReadonlySignal<number>;
  /** Rooms that the user is invited to and is not a member of. */
  readonly invitations: ReadonlySignal<readonly Room[]>;
  /** The numbers of users on the block list. */
  readonly blocked: ReadonlySignal<ReadonlySet<number>>;
  /** The clock of the server minus the one of this machine, in ms. */
  readonly clockOffset: ReadonlySignal<number>;

  /** Returns users whom this page saw: authors and members of open conversations, and users who left. */
  known(): Iterable<Author>;

  /** Reads what was kept, and connects if there is a session. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Keeps the position and the lists for a reload of the tab. Call it when the page may end. */
  keep(): void;
  /** Tries to connect now, in any state but `signed-out`. Call it on `online`, on focus, and from a button. */
  reconnectNow(): void;
  /** Called for each new message of others. Returns a function that ends it. */
  onArrival(listener: (arrival: Arrival) => void): () => void;

  signInOptions(): Promise<SignInOptions>;
  /** Signs in with a password, or without one as a guest. */
  signIn(name: string, password?: string): Promise<void>;
  /** Creates an account and signs in. A guest who registers keeps number and history. */
  register(name: string, password: string, inviteCode?: string): Promise<void>;
  startDeviceSignIn(): Promise<DeviceSignIn>;
  /** Begins a sign-in at the issuer, which sends the browser back to `page`. */
  startBrowserSignIn(page: string): Promise<BrowserSignIn>;
  /** Completes it, with the query of the address that the browser came back to. */
  finishBrowserSignIn(query: URLSearchParams, binding: string): Promise<void>;
  /** Ends the session, and forgets everything that this browser kept of it. */
  signOut(): Promise<void>;
  changePassword(oldPassword: string, newPassword: string): Promise<void>;
  /** The user's tokens, newest first. */
  listTokens(): Promise<readonly TokenRow[]>;
  revokeToken(id: string): Promise<void>;
  /** Returns everything that the server keeps of the user: a JSON object a line, complete. */
  exportData(): Promise<readonly string[]>;
  /** Deletes the account, and signs out. A guest has no password. */
  deleteAccount(password: string, deleteMessages: boolean): Promise<void>;

  /** Opens a conversation; its window begins at the newest messages, or around `sequence`. */
  open(key: ConversationKey, sequence?: number): OpenConversation;
  search(query: string, key?: ConversationKey): Promise<HitPage>;

  /** Rooms that the user may see, members or not. */
  listRooms(): Promise<readonly Room[]>;
  createRoom(name: string, topic: string, inviteOnly: boolean): Promise<ConversationKey>;
  join(room: string): Promise<ConversationKey>;
  leave(room: string): Promise<void>;
  invite(room: string, user: string): Promise<void>;
  updateRoom(room: string, change: { topic?: string; inviteOnly?: boolean }): Promise<void>;
  deleteRoom(room: string): Promise<void>;
  /** Gives a member a role; `RoomRole.UNSPECIFIED` removes the member. */
  setRole(room: string, user: string, role: RoomRole): Promise<void>;
  block(number: number): Promise<void>;
  unblock(number: number): Promise<void>;
  /** Mutes a user for some milliseconds (0 ends it), in a room or, as an admin, everywhere. */
  mute(number: number, room: string | undefined, duration: number, reason: string): Promise<void>;
  /** For admins: ends the streams of a user. */
  kick(number: number, reason: string): Promise<void>;
  /** For admins: bans a user for some milliseconds (0: for good). */
  ban(number: number, duration: number, reason: string): Promise<void>;
}

/** Returns the key of a room. */
export function roomKey(name: string): ConversationKey {
  return `#${foldName(name)}`;
}

/** Returns the key of the direct conversation with a user. */
export function userKey(number: number): ConversationKey {
  return `@${number}`;
}

/** Folds a name as the server compares names: without case and width. */
export function foldName(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFC");
}
