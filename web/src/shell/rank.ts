/** Something that the palette can find. */
export interface Findable {
  name: string;
  /** Larger is more recent or more important; decides between equal matches. */
  weight: number;
}

/** Returns text in the form in which it is compared: without case, width and marks. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * Returns how well a query matches a name, or 0 if it does not: the whole name, its start, the
 * start of a word in it, a part of it, and last its letters in this order.
 */
export function score(query: string, name: string): number {
  const wanted = folded(query);
  const given = folded(name);
  if (wanted === "") return 1;
  if (given === wanted) return 100;
  if (given.startsWith(wanted)) return 80;
  const at = given.indexOf(wanted);
  if (at > 0) return /[\p{L}\p{N}]/u.test(given[at - 1] ?? "") ? 40 : 60;
  return subsequence(wanted, given) ? 10 : 0;
}

function subsequence(wanted: string, given: string): boolean {
  let next = 0;
  for (const letter of wanted) {
    const found = given.indexOf(letter, next);
    if (found < 0) return false;
    next = found + letter.length;
  }
  return true;
}

/** Returns the matches of a query, the best first; equal ones by weight, and then by name. */
export function ranked<T extends Findable>(query: string, all: readonly T[], most = 50): T[] {
  return all
    .map((each) => ({ each, points: score(query, each.name) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || b.each.weight - a.each.weight || (a.each.name < b.each.name ? -1 : 1))
    .slice(0, most)
    .map(({ each }) => each);
}
