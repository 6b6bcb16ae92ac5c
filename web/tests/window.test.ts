// The window of a conversation, and the reactions of a message, without a server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";

import type { Message } from "../src/engine/api.ts";
import type { History, Page } from "../src/engine/history.ts";
import { messageOf, react } from "../src/engine/messages.ts";
import { Window } from "../src/engine/window.ts";
import { MessageSchema } from "../src/gen/chat_grpc/v1/chat_pb.ts";

function message(sequence: number): Message {
  return messageOf(sequence, 0, create(MessageSchema, { text: `text ${sequence}` }), 1);
}

/** Returns a window whose newest page comes from `read`. */
function windowOf(read: () => Promise<Page>): Window {
  return new Window({ before: read } as unknown as History, () => 11);
}

const sequences = (window: Window) => window.messages.value.map((each) => each.sequence);

test("an answer that names a message before the window leaves no gap", async () => {
  const window = windowOf(async () => ({ messages: [message(10), message(11)], more: true }));
  const loading = window.loadNewest();
  window.add(message(5));
  await loading;
  assert.deepEqual(sequences(window), [10, 11]);
  window.add(message(6));
  window.add(message(12));
  assert.deepEqual(sequences(window), [10, 11, 12]);
});

test("a read that failed is repeated once the connection is back", async () => {
  let works = false;
  const window = windowOf(async () => {
    if (!works) throw new Error("the connection is lost");
    return { messages: [message(10)], more: false };
  });
  await window.loadNewest();
  assert.ok(window.loadError.value);
  works = true;
  window.retry();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(sequences(window), [10]);
  assert.equal(window.loadError.value, undefined);
});

test("an own reaction that changes nothing leaves the counts", () => {
  const [me, bob] = [{ number: 1, name: "me" }, { number: 2, name: "bob" }];
  const given = react(react([], "👍", bob, false, false), "👍", me, true, false);
  assert.deepEqual(given.map(({ count, mine }) => [count, mine]), [[2, true]]);
  assert.equal(react(given, "👍", me, true, false), given);
  const taken = react(given, "👍", me, true, true);
  assert.deepEqual(taken.map(({ count, mine }) => [count, mine]), [[1, false]]);
  assert.equal(react(taken, "👍", me, true, true), taken);
});
