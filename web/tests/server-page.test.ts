import assert from "node:assert/strict";
import { test } from "node:test";

import { de } from "../src/texts/server/de.ts";
import { en } from "../src/texts/server/en.ts";
import { ja } from "../src/texts/server/ja.ts";
import { secondsIn, sentenceOf, valuesIn } from "../src/ui/server/audit.ts";
import { IncompleteBackup, saveBackup, type Sink } from "../src/ui/server/backup.ts";
import { pathOf, rateBetween, ratesOf, summaryOf, topOf, valuesOf, withSample, type Sample } from "../src/ui/server/figures.ts";
import { durationText, isNetwork, percentText, rateText, sizeText } from "../src/ui/server/format.ts";

function sample(time: number, stored: number, started = 1): Sample {
  return { time, started, stored, delivered: 0, responses: 0, refused: 0, cpu: 0, clients: stored, queuedBytes: 0, memoryBytes: 0 };
}

test("a rate is the difference of two samples a second", () => {
  assert.equal(rateBetween(sample(1000, 10), sample(3000, 30), "stored"), 10);
});

test("a rate is unknown across a restart, a gap, and without time between the samples", () => {
  assert.equal(rateBetween(sample(1000, 10), sample(3000, 0, 2), "stored"), undefined);
  assert.equal(rateBetween(sample(1000, 10), sample(60_000, 30), "stored"), undefined);
  assert.equal(rateBetween(sample(1000, 10), sample(1000, 30), "stored"), undefined);
});

test("samples are kept for a time and up to a number, and a restart of the server drops the earlier ones", () => {
  let kept: readonly Sample[] = [];
  for (let time = 0; time < 10_000; time += 1000) kept = withSample(kept, sample(time, time), 5000);
  assert.deepEqual(kept.map((each) => each.time), [4000, 5000, 6000, 7000, 8000, 9000]);
  assert.equal(withSample(kept, sample(10_000, 0), 60_000, 3).length, 3);
  assert.deepEqual(withSample(kept, sample(10_000, 0, 2), 5000).length, 1);
  assert.equal(withSample(kept, sample(9000, 5), 5000), kept);
});

test("a chart breaks its line where nothing was measured", () => {
  const samples = [sample(0, 0), sample(2000, 4), sample(60_000, 8), sample(62_000, 8)];
  const rates = ratesOf(samples, "stored");
  assert.deepEqual(rates.map((each) => each.value), [2, undefined, 0]);
  assert.equal(pathOf(rates, 0, 62_000, 2, 62, 10).match(/M/g)?.length, 2);
  assert.equal(valuesOf(samples, "clients").filter((each) => each.value === undefined).length, 1);
  assert.deepEqual(summaryOf(rates), { now: 0, lowest: 0, highest: 2 });
  assert.equal(summaryOf([{ time: 1, value: undefined }]), undefined);
});

test("the top of a chart is a round number that no value exceeds", () => {
  assert.deepEqual([0, 1, 1.5, 4, 7, 10, 1234].map((each) => topOf(each, 1)), [1, 1, 2, 5, 10, 10, 2000]);
});

test("sizes, rates, shares and durations follow the language", () => {
  assert.equal(sizeText(1_234_567, "en"), "1.2 MB");
  assert.equal(sizeText(999_600, "en"), "1 MB");
  assert.equal(sizeText(1, "en"), "1 byte");
  assert.equal(sizeText(1_234_567, "de"), "1,2 MB");
  assert.equal(rateText(1234.5, "en"), "1,235");
  assert.equal(rateText(0.25, "en"), "0.3");
  assert.equal(percentText(0.5, "en"), "50%");
  assert.equal(durationText(190, "en"), "3 min 10 sec");
  assert.equal(durationText(0, "en"), "0 sec");
  assert.equal(durationText(604_800, "en"), "7 days");
  assert.equal(durationText(86_400 + 60, "en"), "1 day");
});

test("the values of a detail are found", () => {
  assert.deepEqual([...valuesIn("room=tea duration=600s")], [["room", "tea"], ["duration", "600s"]]);
  assert.deepEqual([...valuesIn("")], []);
  assert.equal(secondsIn("600s"), 600);
  assert.equal(secondsIn("6m"), undefined);
});

test("an action is a sentence in each language, and an unknown method is named", () => {
  const ban = { method: "Ban", author: "root", subject: "alice (2)", detail: "duration=604800s" };
  assert.equal(sentenceOf(ban, en.audit, "en"), "root banned alice (2) for 7 days.");
  assert.equal(sentenceOf({ ...ban, detail: "" }, en.audit, "en"), "root banned alice (2).");
  for (const [texts, locale] of [[en, "en"], [de, "de"], [ja, "ja"]] as const) {
    for (const method of ["Kick", "Ban", "Unban", "Mute", "CreateUser", "RemoveUser", "SetUserPassword", "SetUserAdmin", "RevokeInvite"]) {
      const told = sentenceOf({ method, author: "root", subject: "alice (2)", detail: "" }, texts.audit, locale);
      assert.ok(told.includes("root") && told.includes("alice (2)"), told);
    }
    assert.ok(sentenceOf({ method: "Fly", author: "root", subject: "x", detail: "to=moon" }, texts.audit, locale).includes("Fly x to=moon"));
  }
  const unmute = { method: "Mute", author: "local", subject: "bob (3)", detail: "room=tea duration=0s" };
  assert.equal(sentenceOf(unmute, en.audit, "en"), "The operator removed the mute of bob (3) in #tea.");
});

class Memory implements Sink {
  bytes: number[] = [];
  state = "open";
  async write(added: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.bytes.length > 5) throw new Error("disk full");
    this.bytes.push(...added);
  }
  async close(): Promise<void> {
    this.state = "closed";
  }
  async abort(): Promise<void> {
    this.state = "aborted";
  }
}

async function* chunks(total: number, ...parts: number[][]): AsyncGenerator<{ chunk: Uint8Array; totalBytes: bigint }> {
  for (const each of parts) yield { chunk: Uint8Array.from(each), totalBytes: BigInt(total) };
}

test("a backup is written in order, and its progress is counted", async () => {
  const sink = new Memory();
  const seen: number[] = [];
  assert.equal(await saveBackup(chunks(3, [1, 2], [3]), sink, (received) => seen.push(received)), 3);
  assert.deepEqual([sink.bytes, sink.state, seen], [[1, 2, 3], "closed", [2, 3]]);
});

test("a backup that ends early or cannot be written leaves no file", async () => {
  for (const parts of [[[1, 2]], []]) {
    const sink = new Memory();
    await assert.rejects(saveBackup(chunks(3, ...parts), sink, () => undefined), IncompleteBackup);
    assert.equal(sink.state, "aborted");
  }
  const full = new Memory();
  await assert.rejects(saveBackup(chunks(9, [1, 2, 3, 4, 5, 6], [7, 8, 9]), full, () => undefined), /disk full/);
  assert.equal(full.state, "aborted");
});

test("an address or a network is told from a name and a number", () => {
  for (const network of ["192.0.2.1", "192.0.2.0/24", "2001:db8::1"]) assert.ok(isNetwork(network), network);
  for (const user of ["alice", "12", "a.b.c.d", "v1.2.3"]) assert.ok(!isNetwork(user), user);
});
