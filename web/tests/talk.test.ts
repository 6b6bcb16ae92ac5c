import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Message, Notice } from "../src/engine/api.ts";
import { parse } from "../src/markdown/blocks.ts";
import { byteLength, bytesLeft } from "../src/talk/bytes.ts";
import { complete, suggestPeople, suggestRooms, wordAt } from "../src/talk/completion.ts";
import { excerpt, highlight } from "../src/talk/highlight.ts";
import { namesOf } from "../src/talk/names.ts";
import { Rows, type Row } from "../src/talk/rows.ts";

const NOON = new Date(2026, 2, 3, 12, 0).getTime();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function message(sequence: number, changes: Partial<Message> = {}): Message {
  return {
    id: `s${sequence}`, sequence, time: NOON, author: { number: 1, name: "ann" }, text: "x", mine: false, replyTo: 0, mentioned: [],
    mentionsMe: false, state: "sent", error: undefined, editTime: 0, changing: false, deleted: false, reactions: [], ...changes,
  };
}

function notice(sequence: number, time = NOON): Notice {
  return { sequence, time, change: "joined", author: { number: 2, name: "bob" }, subject: { number: 2, name: "bob" }, role: 2, topic: "" };
}

/** Write rows in a short form: `ann` begins a group, `+` continues it. */
function show(rows: readonly Row[]): string {
  return rows.map((row) => (row.kind === "message" ? (row.head ? row.message.author.name : "+") : row.kind)).join(" ");
}

const BOB = { number: 2, name: "bob" };

test("messages of one author within five minutes are one group", () => {
  const messages = [message(1), message(2, { time: NOON + 4 * MINUTE }), message(3, { time: NOON + 10 * MINUTE }), message(4, { author: BOB, time: NOON + 10 * MINUTE })];
  assert.equal(show(new Rows().make(messages, [], 0)), "day ann + ann bob");
});

test("a reply begins a group", () => {
  assert.equal(show(new Rows().make([message(1), message(2, { replyTo: 1 })], [], 0)), "day ann ann");
});

test("each day has one line, and begins a group", () => {
  const rows = new Rows().make([message(1), message(2, { time: NOON + DAY }), message(3, { time: NOON + DAY })], [], 0);
  assert.equal(show(rows), "day ann day ann +");
  assert.equal(new Set(rows.map((row) => row.key)).size, rows.length);
});

test("the line `new` stands before the first message of others after the read marker", () => {
  assert.equal(show(new Rows().make([message(1), message(2, { mine: true }), message(3)], [], 1)), "day ann + new ann");
  assert.equal(show(new Rows().make([message(1)], [], 1)), "day ann");
});

test("lines about the room stand in the order of the log and divide groups", () => {
  assert.equal(show(new Rows().make([message(1), message(3)], [notice(2), notice(4)], 0)), "day ann notice ann notice");
});

test("a message that is not stored yet comes after every notice", () => {
  assert.equal(show(new Rows().make([message(1), message(0, { id: "r", state: "sending" })], [notice(2)], 0)), "day ann notice ann");
});

test("a row of a message that did not change is the same object", () => {
  const rows = new Rows();
  const messages = [message(1), message(2)];
  const before = rows.make(messages, [], 0);
  const after = rows.make([...messages, message(3)], [], 0);
  before.forEach((row, at) => assert.equal(after[at], row));
});

test("bytes are counted as UTF-8", () => {
  assert.equal(byteLength("aé文😀"), 1 + 2 + 3 + 4);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(byteLength(text), new TextEncoder().encode(text).length)));
  assert.equal(byteLength("\ud800x"), 4);
});

test("the bytes that are left are told near the limit only", () => {
  assert.equal(bytesLeft("x".repeat(100), 16_384), null);
  assert.equal(bytesLeft("é".repeat(8_192), 16_384), 0);
  assert.equal(bytesLeft("x".repeat(16_385), 16_384), -1);
  assert.equal(bytesLeft("x".repeat(1000), 0), null);
});

const WORDS: [text: string, word: string | null][] = [
  ["@", "@"], ["hi @bo", "@bo"], ["(@bo", "@bo"], ["@ann/@bo", "@bo"], ["mail@bo", null], ["#lob", "#lob"], ["a#lob", null],
  ["c :ta", ":ta"], [":t", null], [":)", null], ["10:30", null], ["@bob ", null], ["@b\n", null], [":+1", ":+1"], ["**@bo", "@bo"],
];

for (const [text, word] of WORDS) {
  test(`${JSON.stringify(text)} completes ${String(word)}`, () => {
    const found = wordAt(text, text.length);
    assert.equal(found && found.sort + found.typed, word);
  });
}

const PEOPLE = [
  { number: 1, name: "Bobby", online: false }, { number: 2, name: "bob", online: true }, { number: 3, name: "jim.bo", online: true },
  { number: 4, name: "Ann", online: true }, { number: 5, name: "ann", online: false },
];

test("people are suggested by the start of the name, then of its parts; those connected come first", () => {
  assert.deepEqual(suggestPeople(PEOPLE, "BO").map((each) => each.label), ["bob", "Bobby", "jim.bo"]);
});

test("a name that two people have is completed with the number", () => {
  assert.deepEqual(suggestPeople(PEOPLE, "ann").map((each) => each.insert), ["@Ann#4 ", "@ann#5 "]);
});

test("rooms are suggested by their names", () => {
  const rooms = [{ name: "help", topic: "Questions" }, { name: "lobby", topic: "" }];
  assert.deepEqual(suggestRooms(rooms, "He"), [{ insert: "#help ", label: "#help", hint: "Questions" }]);
});

test("a suggestion replaces the word and does not double the space", () => {
  const text = "hi @bo there";
  const word = wordAt(text, 6);
  assert.ok(word);
  assert.deepEqual(complete(text, word, { insert: "@bob ", label: "", hint: "" }), { text: "hi @bob there", cursor: 8 });
  assert.deepEqual(complete("@bo", { sort: "@", typed: "bo", start: 0, end: 3 }, { insert: "@bob ", label: "", hint: "" }), { text: "@bob ", cursor: 5 });
});

const marks = (text: string, query: string) => highlight(text, query).map((piece) => (piece.hit ? `[${piece.text}]` : piece.text)).join("");

test("hits are marked without case and accents, at the start of words", () => {
  assert.equal(marks("Café and cafeteria, decaf", "cafe"), "[Café] and [cafe]teria, decaf");
  assert.equal(marks("a b c", '"b c" a'), "[a] [b c]");
  assert.equal(marks("東京都庁", "京都"), "東[京都]庁");
  assert.equal(marks("x", ""), "x");
});

test("the pieces of a text are the text", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, query) => {
    assert.equal(highlight(text, query).map((piece) => piece.text).join(""), text);
  }));
});

test("an excerpt begins near the first hit", () => {
  const [before, hit] = excerpt(`${"x ".repeat(500)}needle`, "needle");
  assert.ok(before && before.text.length < 130 && before.text.startsWith("…"));
  assert.equal(hit?.text, "needle");
});

const mentions = (text: string, mentioned: number[], names: Record<number, string>) =>
  JSON.stringify(parse(text, namesOf(mentioned, (number) => names[number], ["lobby"]))).match(/"(?:mention|room)","text":"[^"]*"/g) ?? [];

test("only users whom the server found are mentions, by the longest name", () => {
  assert.deepEqual(mentions("@bob @ann @bobby!", [2, 3], { 2: "Bob", 3: "Bobby" }), ['"mention","text":"@bob"', '"mention","text":"@bobby"']);
  assert.deepEqual(mentions("@bob", [], { 2: "bob" }), []);
  assert.deepEqual(mentions("@bob#2 @bob#9", [2], { 2: "bob" }), ['"mention","text":"@bob#2"']);
});

test("a user whose name is not known is found by the word", () => {
  assert.deepEqual(mentions("hi @gone, bye", [9], {}), ['"mention","text":"@gone"']);
});

test("known rooms are marked", () => {
  assert.deepEqual(mentions("#lobby. #other", [], {}), ['"room","text":"#lobby"']);
});
