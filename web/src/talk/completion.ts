/** Completion in the composer: the word before the cursor, and the suggestions for it. */

import { foldName } from "../engine/api.ts";

export interface Word {
  sort: "@" | "#" | ":";
  /** The letters after the sign. */
  typed: string;
  /** Where the sign stands. */
  start: number;
  end: number;
}

export interface Suggestion {
  /** The text that replaces the word, with the space after it. */
  insert: string;
  label: string;
  hint: string;
}

export interface Person {
  number: number;
  name: string;
  online: boolean;
}

const WORD = /(^|[\s(["'*_~>/])([@#:])([^\s@#:,/\\"'<>&`]{0,32})$/u;
const MOST = 8;
const MIN_EMOJI = 2;

/** Return the word at the cursor that can be completed, or null. */
export function wordAt(text: string, cursor: number): Word | null {
  const found = WORD.exec(text.slice(Math.max(0, cursor - 40), cursor));
  if (found === null) return null;
  const [, , sign = "", typed = ""] = found;
  // `:)` and `10: 30` are no names of emoji.
  if (sign === ":" && !(typed.length >= MIN_EMOJI && /^[\p{L}\p{N}_+-]+$/u.test(typed))) return null;
  return { sort: sign as Word["sort"], typed, start: cursor - typed.length - 1, end: cursor };
}

/** Return how well a name fits, lower is better; null if it does not. */
function fit(name: string, typed: string): number | null {
  const folded = foldName(name);
  const wanted = foldName(typed);
  if (folded.startsWith(wanted)) return 0;
  if (folded.split(/[\s._-]+/).some((part) => part.startsWith(wanted))) return 1;
  return folded.includes(wanted) ? 2 : null;
}

/** Return people, connected ones first; a name that two people have gets its number. */
export function suggestPeople(people: readonly Person[], typed: string): Suggestion[] {
  const uses = new Map<string, number>();
  for (const { name } of people) uses.set(foldName(name), (uses.get(foldName(name)) ?? 0) + 1);
  return people
    .flatMap((person) => {
      const rank = fit(person.name, typed);
      return rank === null ? [] : [{ person, rank: rank + (person.online ? 0 : 0.5) }];
    })
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name))
    .slice(0, MOST)
    .map(({ person }) => {
      const shared = (uses.get(foldName(person.name)) ?? 0) > 1;
      return { insert: `@${person.name}${shared ? `#${person.number}` : ""} `, label: person.name, hint: `#${person.number}` };
    });
}

export function suggestRooms(rooms: readonly { name: string; topic: string }[], typed: string): Suggestion[] {
  return rooms
    .flatMap((room) => {
      const rank = fit(room.name, typed);
      return rank === null ? [] : [{ room, rank }];
    })
    .sort((a, b) => a.rank - b.rank || a.room.name.localeCompare(b.room.name))
    .slice(0, MOST)
    .map(({ room }) => ({ insert: `#${room.name} `, label: `#${room.name}`, hint: room.topic }));
}

/** Return the text after a suggestion was taken, and where the cursor then is. */
export function complete(text: string, word: Word, suggestion: Suggestion): { text: string; cursor: number } {
  const rest = text.slice(word.end);
  const insert = rest.startsWith(" ") ? suggestion.insert.trimEnd() : suggestion.insert;
  const before = text.slice(0, word.start) + insert;
  return { text: before + rest, cursor: before.length + (insert === suggestion.insert ? 0 : 1) };
}
