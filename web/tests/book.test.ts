// The list of conversations, while the list of the server is read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";

import type { ConversationSummary } from "../src/engine/api.ts";
import { Book } from "../src/engine/book.ts";
import { Changes } from "../src/engine/changes.ts";
import { messageOf } from "../src/engine/messages.ts";
import { ConversationSchema, MessageSchema, type Conversation } from "../src/gen/chat_grpc/v1/chat_pb.ts";

const ME = 1;

/** Returns what the server lists of the lobby: the last message and the unread ones. */
function listed(last: number, unread: number): Conversation {
  return create(ConversationSchema, {
    conversation: { case: "room", value: { name: "lobby" } },
    lastMessage: { sequence: BigInt(last), message: { text: "old", author: { number: 2, name: "bob" } } },
    unreadCount: unread,
    readSequence: 1n,
  });
}

/** Lets messages that mention the user come while a list is read; returns the lobby. */
async function reading(list: Conversation, ...sequences: number[]): Promise<ConversationSummary | undefined> {
  const changes = new Changes();
  const book = new Book(changes);
  book.take([listed(1, 0)], ME, true);
  await changes.read(
    async () => {
      for (const sequence of sequences) {
        const wire = create(MessageSchema, { text: "@you", author: { number: 2, name: "bob" }, mentionedNumbers: [ME] });
        book.arrived("#lobby", messageOf(sequence, 0, wire, ME), undefined);
      }
      return [list];
    },
    (all) => book.take(all, ME, false),
  );
  return book.get("#lobby");
}

test("messages that the list has, and those that it does not have, count once", async () => {
  for (const list of [listed(1, 0), listed(5, 1), listed(6, 2)]) {
    const { unread, mentions, lastMessage } = (await reading(list, 5, 6))!;
    assert.deepEqual([unread, mentions, lastMessage?.sequence], [2, 2, 6]);
  }
});

test("a list that cannot be read changes nothing, and one of another user is dropped", async () => {
  const changes = new Changes();
  const book = new Book(changes);
  await assert.rejects(changes.read(() => Promise.reject(new Error("away")), () => book.take([listed(1, 0)], ME, true)));
  await changes.read(async () => changes.clear(), () => book.take([listed(1, 0)], ME, true));
  assert.equal(book.get("#lobby"), undefined);
});

test("the late answer to a message does not bring back a room that was left", () => {
  const book = new Book(new Changes());
  const wire = create(MessageSchema, { text: "late", author: { number: ME, name: "me" } });
  book.arrived("#gone", messageOf(7, 0, wire, ME), undefined);
  book.arrived("@2", messageOf(8, 0, wire, ME), { number: 2, name: "bob" });
  assert.deepEqual(book.sorted.value.map(({ key, title }) => [key, title]), [["@2", "bob"]]);
});
