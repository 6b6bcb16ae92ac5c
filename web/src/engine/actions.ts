// The actions that are one call: rooms, search, the block list, and those of moderators and admins.

import { durationFromMs } from "@bufbuild/protobuf/wkt";

import type { Room, SearchMessagesResponse } from "../gen/chat_grpc/v1/chat_pb.ts";
import { call } from "./account.ts";
import { roomKey, type ConversationKey, type Hit, type HitPage, type RoomRole } from "./api.ts";
import { emptySummary } from "./book.ts";
import { keyOf, otherOf, storedOf, targetOf } from "./messages.ts";
import { pages } from "./reader.ts";
import type { State } from "./state.ts";

export class Actions {
  constructor(protected readonly state: State) {}

  search(query: string, key?: ConversationKey): Promise<HitPage> {
    const read = async (pageToken: string): Promise<HitPage> => {
      const target = key === undefined ? {} : { target: targetOf(key) };
      const page = await call(this.state.wire.chat.searchMessages({ query, pageSize: 50, pageToken, ...target }));
      const next = page.nextPageToken;
      return { hits: this.#hits(page), more: next === "" ? undefined : () => read(next) };
    };
    return read("");
  }

  listRooms(): Promise<readonly Room[]> {
    return call(pages((pageToken) => this.state.wire.chat.listRooms({ pageSize: 1000, pageToken }), (page) => page.rooms));
  }
  async createRoom(name: string, topic: string, inviteOnly: boolean): Promise<ConversationKey> {
    const { room } = await call(this.state.wire.chat.createRoom({ name, topic, inviteOnly }));
    return this.#entered(room, name);
  }
  async join(name: string): Promise<ConversationKey> {
    const { room } = await call(this.state.wire.chat.joinRoom({ room: name }));
    return this.#entered(room, name);
  }
  async leave(room: string): Promise<void> {
    await call(this.state.wire.chat.leaveRoom({ room }));
    this.state.book.remove(roomKey(room));
  }
  async invite(room: string, user: string): Promise<void> {
    await call(this.state.wire.chat.inviteToRoom({ room, user }));
  }
  async updateRoom(room: string, change: { topic?: string; inviteOnly?: boolean }): Promise<void> {
    await call(this.state.wire.chat.updateRoom({ room, ...change }));
  }
  async deleteRoom(room: string): Promise<void> {
    await call(this.state.wire.chat.deleteRoom({ room }));
    this.state.book.remove(roomKey(room));
  }
  async setRole(room: string, user: string, role: RoomRole): Promise<void> {
    await call(this.state.wire.chat.setRoomRole({ room, user, role }));
  }

  async block(number: number): Promise<void> {
    await call(this.state.wire.chat.blockUser({ whom: { case: "clientNumber", value: number } }));
    this.state.setBlocked(number, true);
  }
  async unblock(number: number): Promise<void> {
    await call(this.state.wire.chat.unblockUser({ whom: { case: "clientNumber", value: number } }));
    this.state.setBlocked(number, false);
  }
  async mute(number: number, room: string | undefined, duration: number, reason: string): Promise<void> {
    await call(this.state.wire.admin.mute({ user: String(number), room: room ?? "", duration: durationFromMs(duration), reason }));
  }
  async kick(number: number, reason: string): Promise<void> {
    await call(this.state.wire.admin.kick({ user: String(number), reason }));
  }
  async ban(number: number, duration: number, reason: string): Promise<void> {
    const subject = { case: "user" as const, value: String(number) };
    await call(this.state.wire.admin.ban({ subject, reason, ...(duration > 0 ? { duration: durationFromMs(duration) } : {}) }));
  }

  /** Shows a room at once; its event follows on the stream. */
  #entered(room: Room | undefined, name: string): ConversationKey {
    const key = roomKey(room?.name ?? name);
    this.state.book.update(key, (each) => ({ ...each, room, title: room?.name ?? each.title }), () => emptySummary(key, undefined, name));
    return key;
  }

  #hits(page: SearchMessagesResponse): Hit[] {
    const me = this.state.number.peek();
    return page.messages.flatMap((stored) => {
      const message = storedOf(stored, me);
      const wire = stored.message;
      if (!message || !wire) return [];
      const key = keyOf(wire, me);
      const title = this.state.book.get(key)?.title ?? (wire.to.case === "room" ? wire.to.value : (otherOf(wire, me)?.name ?? ""));
      return [{ key, title, message }];
    });
  }
}
