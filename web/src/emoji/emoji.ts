/** The emoji of the picker: search and skin tones. The table is a chunk of its own, loaded when first needed. */

export interface Emoji {
  /** The fully-qualified spelling without a skin tone, which the server stores. */
  readonly emoji: string;
  /** Short names such as `thumbs_up`, the main one first. */
  readonly names: readonly string[];
  readonly words: readonly string[];
  /** The number of places where a skin tone may stand. */
  readonly tones: 0 | 1 | 2;
}

/** The groups, in the order of the table. */
export const GROUPS = ["smileys", "people", "animals", "food", "travel", "activities", "objects", "symbols", "flags"] as const;
export type Group = (typeof GROUPS)[number];

/** A skin tone of Unicode, from light (1) to dark (5); 0 is none. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5;

const FIRST_TONE = 0x1f3fa;
const PRESENTATION = "\ufe0f";

/** Return all emoji by group. */
export function parseTable(table: string): Map<Group, Emoji[]> {
  const groups = table.split("\n\n").map((group) => group.split("\n").map(parseLine));
  return new Map(GROUPS.map((name, at) => [name, groups[at] ?? []]));
}

function parseLine(line: string): Emoji {
  const [signed = "", names = "", words = ""] = line.split("\t");
  const sign = signed.length > 1 ? signed.at(-1) : "";
  const tones = sign === "*" ? 1 : sign === "+" ? 2 : 0;
  return {
    emoji: tones === 0 ? signed : signed.slice(0, -1),
    names: names.split(" "),
    words: words === "" ? [] : words.split(" "),
    tones,
  };
}

/** Return the emoji in a skin tone. */
export function toned(emoji: Emoji, tone: Tone): string {
  if (tone === 0 || emoji.tones === 0) return emoji.emoji;
  const sign = String.fromCodePoint(FIRST_TONE + tone);
  const points = [...emoji.emoji];
  // A skin tone asks for the colored form itself, so the selector after the first character goes.
  const rest = points.slice(points[1] === PRESENTATION ? 2 : 1).join("");
  return `${points[0] ?? ""}${sign}${rest}${emoji.tones === 2 ? sign : ""}`;
}

/** Return the emoji whose names or words begin with each word of a query, the best first, at most `most`. */
export function searchEmoji(all: Iterable<Emoji>, query: string, most: number): Emoji[] {
  const wanted = query.toLowerCase().replace(/:/g, " ").split(/[\s_-]+/).filter((word) => word !== "");
  if (wanted.length === 0) return [];
  const joined = wanted.join("_");
  const found: { emoji: Emoji; rank: number }[] = [];
  for (const emoji of all) {
    const rank = rankOf(emoji, wanted, joined);
    if (rank !== null) found.push({ emoji, rank });
  }
  // Array.sort is stable, so emoji of one rank stay in the order of Unicode.
  return found.sort((a, b) => a.rank - b.rank).slice(0, most).map((each) => each.emoji);
}

/** Lower is better; null if a word is not found. */
function rankOf(emoji: Emoji, wanted: readonly string[], joined: string): number | null {
  if (emoji.names.includes(joined)) return 0;
  if (emoji.names.some((name) => name.startsWith(joined))) return 1;
  const parts = emoji.names.flatMap((name) => name.split("_"));
  if (wanted.every((word) => parts.some((part) => part.startsWith(word)))) return 2;
  if (wanted.every((word) => emoji.words.includes(word) || parts.includes(word))) return 3;
  const all = [...parts, ...emoji.words];
  return wanted.every((word) => all.some((part) => part.startsWith(word))) ? 4 : null;
}

let loading: Promise<Map<Group, Emoji[]>> | undefined;

/** Load the table, once. A failed load is tried again by the next call. */
export function loadEmoji(): Promise<Map<Group, Emoji[]>> {
  loading ??= import("./table.ts").then(({ TABLE }) => parseTable(TABLE));
  loading.catch(() => (loading = undefined));
  return loading;
}
