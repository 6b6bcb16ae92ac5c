// Prints src/emoji/table.ts, from the package `emojibase-data`. Run `node scripts/emoji.mjs > src/emoji/table.ts`
// after an update of that package.
//
// A line is `EMOJI<TAB>NAMES<TAB>WORDS`; a blank line ends a group. NAMES are short names, the first one from the
// label; WORDS are further words to search for. A sign before the tab says which skin tones the emoji has: `*` after
// its first code point, `+` after the first and the last one.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const emojis = require("emojibase-data/en/data.json");
const shortcodes = require("emojibase-data/en/shortcodes/github.json");

const COMPONENTS = 2;
const TONE = "\u{1f3fb}";
const TEXT_PRESENTATION = 0;
const PRESENTATION = "\ufe0f";

/** Returns the fully-qualified spelling: the selector stands only after characters that are texts by default. */
function spelling(emoji) {
  const single = [...emoji.emoji].filter((each) => each !== PRESENTATION).length === 1;
  return single && emoji.type !== TEXT_PRESENTATION ? emoji.emoji.replace(PRESENTATION, "") : emoji.emoji;
}

function toned(emoji, both) {
  const points = [...emoji].filter((each, at) => at !== 1 || each !== PRESENTATION);
  return points[0] + TONE + points.slice(1).join("") + (both ? TONE : "");
}

function sign(emoji) {
  const light = emoji.skins?.find((skin) => skin.tone === 1)?.emoji;
  if (light === undefined) return "";
  const found = ["*", "+"].find((each) => toned(emoji.emoji, each === "+") === light);
  if (found === undefined) throw new Error(`${emoji.label}: no rule makes ${light}; add one here and in src/emoji/emoji.ts`);
  return found;
}

/** Words of fewer emoji are left out: they are slang for the most part, and a third of the table. */
const LEAST_USES = 5;

function searchWords(emoji) {
  return new Set((emoji.tags ?? []).flatMap((tag) => tag.toLowerCase().match(/[\p{L}]{2,}/gu) ?? []));
}

function line(emoji) {
  const name = emoji.label.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[’'.“”!]/g, "").replace(/[^a-z0-9#*]+/g, "_").replace(/_$/, "");
  const names = [name, ...[shortcodes[emoji.hexcode] ?? []].flat().filter((each) => each !== name)];
  const known = new Set(names.flatMap((each) => each.split("_")));
  const words = searchWords(emoji);
  // A search finds longer words by their beginnings, so a plural adds little, and the table must stay small.
  const plural = (word) => word.endsWith("s") && [/s$/, /es$/].some((end) => known.has(word.replace(end, "")) || (end.test(word) && words.has(word.replace(end, ""))));
  const further = [...words].filter((word) => !known.has(word) && !plural(word) && (uses.get(word) ?? 0) >= LEAST_USES);
  return `${spelling(emoji)}${sign(emoji)}\t${names.join(" ")}\t${further.join(" ")}`;
}

const kept = emojis.filter((each) => each.group !== undefined && each.group !== COMPONENTS).sort((a, b) => a.order - b.order);
const uses = new Map();
for (const word of kept.flatMap((each) => [...searchWords(each)])) uses.set(word, (uses.get(word) ?? 0) + 1);
const groups = Map.groupBy?.(kept, (each) => each.group) ?? kept.reduce((all, each) => all.set(each.group, [...(all.get(each.group) ?? []), each]), new Map());
const table = [...groups.values()].map((group) => group.map(line).join("\n")).join("\n\n");
console.log(`// Made by scripts/emoji.mjs from emojibase-data (MIT; the data are those of Unicode). Do not edit.\nexport const TABLE = \`${table.replace(/[\\`$]/g, "\\$&")}\`;`);
