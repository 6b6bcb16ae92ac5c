import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ranked } from "../src/shell/rank.ts";
import { codeIn, formatRoute, inviteOf, parseRoute, type Route } from "../src/shell/route.ts";
import { DEFAULTS, parseSettings } from "../src/shell/settings.ts";
import { timeSince } from "../src/shell/times.ts";
import { de } from "../src/texts/de.ts";
import { en } from "../src/texts/en.ts";
import { languageOf, regionOf } from "../src/texts/index.ts";
import { ja } from "../src/texts/ja.ts";

const ROUTES: [string, Route][] = [
  ["#/", { view: "home" }],
  ["#/room/ops", { view: "room", room: "ops" }],
  ["#/room/ops/1234", { view: "room", room: "ops", message: 1234 }],
  ["#/room/a%2Fb%20%25", { view: "room", room: "a/b %" }],
  ["#/direct/17", { view: "direct", number: 17 }],
  ["#/direct/17/9", { view: "direct", number: 17, message: 9 }],
  ["#/search/two%20words", { view: "search", query: "two words" }],
  ["#/server", { view: "server", part: "" }],
];

test("a route survives the way through the address", () => {
  for (const [fragment, route] of ROUTES) {
    assert.deepEqual(parseRoute(fragment), route);
    assert.equal(formatRoute(route), fragment);
  }
});

test("a fragment of another form is the home, and a message that is no sequence is left out", () => {
  for (const each of ["", "#", "#x", "#/room", "#/direct/0", "#/direct/x", "#/direct/4294967296", "#invite=AB"]) {
    assert.deepEqual(parseRoute(each), { view: "home" }, each);
  }
  for (const each of ["0", "-1", "1e3", "99999999999999999999", "x"]) {
    assert.deepEqual(parseRoute(`#/room/ops/${each}`), { view: "room", room: "ops" });
  }
  assert.deepEqual(parseRoute("#/room/100%"), { view: "room", room: "100%" });
});

test("an invite code is found in the fragment, in the query, in a link with a path, and alone", () => {
  assert.equal(inviteOf({ hash: "#invite=AB-CD", search: "?invite=EF" }), "AB-CD");
  assert.equal(inviteOf({ hash: "", search: "?invite=EF" }), "EF");
  assert.equal(inviteOf({ hash: "#/room/ops", search: "" }), "");
  assert.equal(codeIn(" AB-CD "), "AB-CD");
  assert.equal(codeIn("https://chat.example/chat/#invite=AB-CD"), "AB-CD");
  assert.equal(codeIn("https://chat.example/invite/AB-CD/"), "AB-CD");
});

test("the palette ranks the whole name, the start, a word, a part, the letters in order; then by weight", () => {
  const all = ["xops", "dev-ops", "ops-team", "ops", "o-p-s", "none", "opsy"].map((name) => ({ name, weight: name === "opsy" ? 1 : 0 }));
  assert.deepEqual(ranked("OPS", all).map((each) => each.name), ["ops", "opsy", "ops-team", "dev-ops", "xops", "o-p-s"]);
  assert.deepEqual(ranked("zoe", [{ name: "Zoë", weight: 0 }]).length, 1);
});

test("stored settings that are damaged or of another version give the defaults", () => {
  for (const each of [null, "{", "[]", "null", "3", '{"theme":"pink","sound":"yes","muted":{}}']) {
    assert.deepEqual(parseSettings(each), DEFAULTS);
  }
  assert.deepEqual(parseSettings('{"theme":"dark","muted":["#a",1]}'), { ...DEFAULTS, theme: "dark", muted: ["#a"] });
});

test("plurals follow the language", () => {
  assert.equal(en.left.unread(1), "1 unread message");
  assert.equal(en.left.unread(1000), "1,000 unread messages");
  assert.equal(de.left.unread(1), "1 ungelesene Nachricht");
  assert.equal(de.left.unread(1000), "1.000 ungelesene Nachrichten");
  assert.equal(ja.left.unread(1), "未読メッセージ1件");
});

test("the language is the first of the browser that the page has", () => {
  assert.equal(languageOf(["fr-FR", "de-AT", "en"]), "de");
  assert.equal(languageOf(["ja"]), "ja");
  assert.equal(languageOf([]), "en");
});

test("times are written as in the region that the browser prefers for the language", () => {
  assert.equal(regionOf("en", ["de-AT", "en-GB", "en-US"]), "en-GB");
  assert.equal(regionOf("de", ["en-GB"]), "de");
});

test("a time in the future, by a clock that is wrong, is now", () => {
  assert.equal(timeSince(10_000, 0, "en"), "now");
  assert.equal(timeSince(0, 5 * 60_000, "en"), "5 min. ago");
});

type Rgb = [number, number, number];

function tokens(): Map<string, [Rgb, Rgb]> {
  const css = readFileSync("src/style/tokens.css", "utf8");
  const found = css.matchAll(/--([a-z0-9-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)/g);
  const rgb = (hex: string) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
  return new Map([...found].map(([, name, light, dark]) => [name!, [rgb(light!), rgb(dark!)]]));
}

function contrast(a: Rgb, b: Rgb): number {
  const luminance = (color: Rgb) => {
    const [r, g, b] = color.map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test("each text has a contrast of 4.5 on the surfaces it stands on, and each control 3, in both themes", () => {
  const all = tokens();
  const surfaces = ["surface", "surface-sunken", "surface-raised", "surface-hover"];
  const pairs: [string, string, number][] = [];
  for (const surface of surfaces) {
    for (const text of ["text", "text-muted", "text-faint", "accent-text"]) pairs.push([text, surface, 4.5]);
  }
  for (const surface of ["surface", "surface-sunken", "surface-raised"]) pairs.push(["line-control", surface, 3]);
  for (const text of ["text", "text-muted"]) pairs.push([text, "surface-selected", 4.5]);
  for (const state of ["danger", "warning", "success"]) pairs.push([state, `${state}-soft`, 4.5], [state, "surface", 4.5]);
  pairs.push(["on-accent", "accent", 4.5], ["on-accent", "accent-hover", 4.5], ["on-danger", "danger-fill", 4.5], ["text", "surface-mention", 4.5], ["text", "surface-highlight", 4.5]);
  for (let person = 0; person < 10; person++) pairs.push(["on-person", `person-${person}`, 4.5], [`person-${person}`, "surface", 4.5]);
  for (const [first, second, least] of pairs) {
    for (const theme of [0, 1] as const) {
      const found = contrast(all.get(first)![theme], all.get(second)![theme]);
      assert.ok(found >= least, `${first} on ${second}, ${["light", "dark"][theme]}: ${found.toFixed(2)}`);
    }
  }
});
