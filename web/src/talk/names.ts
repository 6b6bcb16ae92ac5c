/** Resolves the mentions and rooms of a message's text. */

import { foldName, type Author } from "../engine/api.ts";
import type { Names } from "../markdown/tree.ts";

/**
 * Return the names that a text may name. The server decided which users a message mentions
 * (`mentioned`); this only finds the word of each one. A user whose name is not known, because the user
 * is not connected, gets the words that no other user has.
 */
export function namesOf(mentioned: readonly number[], nameOf: (number: number) => string | undefined, rooms: readonly string[]): Names {
  const users = mentioned.map((number) => ({ number, folded: foldName(nameOf(number) ?? "") }));
  const unknown = users.find((user) => user.folded === "");
  const byRoom = new Map(rooms.map((room) => [foldName(room), room]));
  return {
    mention(word, number) {
      if (users.length === 0) return null;
      const named = number > 0 ? users.filter((user) => user.number === number) : users;
      const best = named
        .filter((user) => user.folded !== "" && foldName(word).startsWith(user.folded))
        .sort((a, b) => b.folded.length - a.folded.length)[0];
      if (best !== undefined) return { length: lengthOf(word, best.folded), number: best.number };
      const user = number > 0 ? named[0] : unknown;
      return user === undefined ? null : { length: trimmed(word).length, number: user.number };
    },
    room(word) {
      for (const each of [word, trimmed(word)]) {
        const room = byRoom.get(foldName(each));
        if (room !== undefined && each !== "") return { length: each.length, room };
      }
      return null;
    },
  };
}

/** Return the length of the start of a word that folds to a name. */
function lengthOf(word: string, folded: string): number {
  for (let length = 1; length <= word.length; length += 1) {
    if (foldName(word.slice(0, length)) === folded) return length;
  }
  return word.length;
}

function trimmed(word: string): string {
  return word.replace(/[\p{P}\p{S}]+$/u, "");
}

/** Return the users that a conversation knows by its messages, for mentions and completion. */
export function authorsOf(messages: readonly { author: Author }[]): Map<number, string> {
  return new Map(messages.map(({ author }) => [author.number, author.name]));
}
