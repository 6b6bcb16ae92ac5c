/** Marks the words of a query in a text, approximately as the server's index finds them (chat_grpc/core/words.py). */

export interface Piece {
  text: string;
  hit: boolean;
}

// Scripts without spaces: a word may stand anywhere.
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]/;
const LETTER = /[\p{L}\p{N}]/u;
const AROUND = 120;

/** Return the words and phrases of a query, folded. */
function terms(query: string): string[] {
  const found = [...query.matchAll(/"([^"]*)"?|([^\s"]+)/g)].map(([, phrase, word]) => fold(phrase ?? word ?? "").text.trim());
  return [...new Set(found)].filter((term) => term !== "").sort((a, b) => b.length - a.length);
}

/** Fold a text: without case, accents and width; `places` has the place in the text of each folded character. */
function fold(text: string): { text: string; places: number[] } {
  let folded = "";
  const places: number[] = [];
  let at = 0;
  for (const letter of text) {
    const plain = letter.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    for (let unit = 0; unit < plain.length; unit += 1) places.push(at);
    folded += plain;
    at += letter.length;
  }
  places.push(text.length);
  return { text: folded, places };
}

/** Return a text in pieces, those that a query found marked. */
export function highlight(text: string, query: string): Piece[] {
  const folded = fold(text);
  const marked = new Uint8Array(text.length);
  for (const term of terms(query)) {
    for (let at = folded.text.indexOf(term); at >= 0; at = folded.text.indexOf(term, at + term.length)) {
      const inside = at > 0 && LETTER.test(folded.text[at - 1] ?? "") && LETTER.test(term[0] ?? "");
      if (!inside || UNSPACED.test(term)) marked.fill(1, folded.places[at], folded.places[at + term.length]);
    }
  }
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at + 1;
    while (end < text.length && marked[end] === marked[at]) end += 1;
    pieces.push({ text: text.slice(at, end), hit: marked[at] === 1 });
    at = end;
  }
  return pieces;
}

/** Return the part of a text around its first hit, in pieces; `…` stands for the parts that are left out. */
export function excerpt(text: string, query: string): Piece[] {
  const pieces = highlight(text, query);
  const first = pieces.findIndex((piece) => piece.hit);
  const before = pieces[first - 1];
  if (first > 1 || (before !== undefined && before.text.length > AROUND)) {
    const cut = pieces.slice(0, first).map((piece) => piece.text).join("").slice(-AROUND);
    pieces.splice(0, first, { text: `…${cut}`, hit: false });
  }
  return pieces;
}
