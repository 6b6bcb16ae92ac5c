import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { loadEmoji, parseTable, searchEmoji, toned, type Emoji } from "../src/emoji/emoji.ts";
import { TABLE } from "../src/emoji/table.ts";

const all: Emoji[] = [...parseTable(TABLE).values()].flat();
const first = (query: string) => searchEmoji(all, query, 5).map((each) => each.emoji);

test("the table is that of the installed data package", () => {
  const made = execFileSync(process.execPath, ["scripts/emoji.mjs"], { encoding: "utf8" });
  assert.equal(made, readFileSync("src/emoji/table.ts", "utf8"));
});

test("the table takes at most 35 kB of the page, compressed", () => {
  assert.ok(gzipSync(TABLE, { level: 9 }).length <= 35_000);
});

test("every group has emoji, and every emoji has a name", async () => {
  const groups = await loadEmoji();
  for (const [name, emojis] of groups) assert.ok(emojis.length > 50, name);
  for (const emoji of all) assert.match(emoji.names[0] ?? "", /^[a-z0-9#*_]+$/);
});

test("a search finds by name, by the start of a name, and by keyword", () => {
  assert.equal(first("thumbs up")[0], "👍");
  assert.equal(first(":tada:")[0], "🎉");
  assert.equal(first("+1")[0], "👍");
  assert.ok(first("red_hea").includes("❤️"));
  assert.ok(first("celebrate").length > 0);
  assert.deepEqual(first("no such emoji"), []);
  assert.deepEqual(first("  "), []);
});

test("skin tones stand where Unicode puts them", () => {
  const named = (name: string) => all.find((each) => each.names.includes(name)) as Emoji;
  assert.equal(toned(named("thumbs_up"), 5), "👍🏿");
  assert.equal(toned(named("victory_hand"), 1), "✌🏻");
  assert.equal(toned(named("kiss_woman_man"), 3), "👩🏽‍❤️‍💋‍👨🏽");
  assert.equal(toned(named("red_heart"), 3), "❤️");
});
