/**
 * Parses the marks inside a paragraph, in time linear in its length.
 *
 * Emphasis uses CommonMark's list of delimiters. A `*` opens before a letter and closes after one;
 * unlike CommonMark, punctuation beside it does not matter, because that rule breaks Chinese and
 * Japanese, which put no spaces between words.
 */

import { bareEnd, labelIsHonest, safeHref } from "./links.ts";
import { Emphasis } from "./emphasis.ts";
import type { Inline, Names } from "./tree.ts";

const ESCAPED = /[!-/:-@[-`{-~]/;
const SPECIAL = /[\\`*_~[<@#\nhHmM]/g;
const NAME = /([^\s#@:,/\\"'<>&`]{1,33})(?:#([0-9]{1,10})(?![0-9]))?/y;
const LETTER_BEFORE = /[\p{L}\p{N}\p{M}_@/&]$/u;

/** Return the nodes of a paragraph. */
export function parseInline(text: string, names: Names): Inline[] {
  return new Line(text, names, true).parse();
}

class Line {
  readonly #out = new Emphasis();
  readonly #pairs: Map<number, number>;
  readonly #ticks: Map<number, number[]>;
  #at = 0;
  #plain = 0;

  constructor(
    private readonly text: string,
    private readonly names: Names,
    private readonly links: boolean,
  ) {
    this.#pairs = links ? pairs(text) : new Map();
    this.#ticks = ticks(text);
  }

  parse(): Inline[] {
    while (this.#next()) {
      if (!this.#special(this.text[this.#at] ?? "")) this.#at += 1;
    }
    this.#flush(this.text.length);
    return this.#out.tree();
  }

  /** Move to the next character that may begin a mark. */
  #next(): boolean {
    SPECIAL.lastIndex = this.#at;
    const found = SPECIAL.exec(this.text);
    this.#at = found?.index ?? this.text.length;
    return found !== null;
  }

  #special(mark: string): boolean {
    switch (mark) {
      case "\\":
        return this.#escape();
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#delimiter(mark);
      case "\n":
        return this.#node(this.#at + 1, { kind: "break" });
      case "[":
        return this.links && this.#link();
      case "<":
        return this.links && this.#angle();
      case "@":
        return this.#mention();
      case "#":
        return this.#room();
      default:
        return this.links && this.#address();
    }
  }

  #flush(end: number): void {
    if (end > this.#plain) this.#out.text(this.text.slice(this.#plain, end));
  }

  #node(end: number, node: Inline): true {
    this.#flush(this.#at);
    this.#out.node(node);
    this.#at = this.#plain = end;
    return true;
  }

  #escape(): boolean {
    if (!ESCAPED.test(this.text[this.#at + 1] ?? "")) return false;
    this.#flush(this.#at);
    this.#plain = this.#at + 1;
    this.#at += 2;
    return true;
  }

  #code(): boolean {
    const start = this.#at;
    const length = run(this.text, start);
    const closers = this.#ticks.get(length) ?? [];
    while (closers.length > 0 && (closers[closers.length - 1] ?? 0) <= start) closers.pop();
    const close = closers[closers.length - 1];
    if (close === undefined) {
      this.#at += length;
      return true;
    }
    const code = this.text.slice(start + length, close).replace(/\n/g, " ");
    const padded = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "";
    return this.#node(close + length, { kind: "code", text: padded ? code.slice(1, -1) : code });
  }

  #delimiter(mark: "*" | "_" | "~"): boolean {
    const length = run(this.text, this.#at);
    const end = this.#at + length;
    if (mark === "~" ? length !== 2 : length > 3) {
      this.#at = end;
      return true;
    }
    this.#flush(this.#at);
    this.#out.delimiter(mark, length, this.text[this.#at - 1] ?? " ", this.text[end] ?? " ");
    this.#at = this.#plain = end;
    return true;
  }

  #link(): boolean {
    const close = this.#pairs.get(this.#at);
    if (close === undefined || this.text[close + 1] !== "(") return false;
    const end = this.#pairs.get(close + 1);
    const href = end === undefined ? null : safeHref(this.text.slice(close + 2, end));
    const label = this.text.slice(this.#at + 1, close);
    if (end === undefined || href === null || label.trim() === "") return false;
    const children: Inline[] = labelIsHonest(label, href)
      ? new Line(label, { mention: () => null, room: () => null }, false).parse()
      : [{ kind: "text", text: href }];
    return this.#node(end + 1, { kind: "link", href, children });
  }

  #angle(): boolean {
    const end = bareEnd(this.text, this.#at + 1);
    if (end < 0 || this.text[end] !== ">") return false;
    return this.#node(end + 1, addressLink(this.text.slice(this.#at + 1, end)));
  }

  #address(): boolean {
    if (LETTER_BEFORE.test(before(this.text, this.#at))) return false;
    const end = bareEnd(this.text, this.#at);
    return end > 0 && this.#node(end, addressLink(this.text.slice(this.#at, end)));
  }

  #word(): RegExpExecArray | null {
    if (LETTER_BEFORE.test(before(this.text, this.#at))) return null;
    NAME.lastIndex = this.#at + 1;
    return NAME.exec(this.text);
  }

  #mention(): boolean {
    const found = this.#word();
    if (found === null) return false;
    const [, word = "", digits] = found;
    const user = this.names.mention(word, Number(digits ?? 0));
    if (user === null) return false;
    const length = digits !== undefined && user.length === word.length ? found[0].length : user.length;
    const end = this.#at + 1 + length;
    return this.#node(end, { kind: "mention", text: this.text.slice(this.#at, end), number: user.number });
  }

  #room(): boolean {
    const word = this.#word()?.[1];
    const room = word === undefined ? null : this.names.room(word);
    if (room === null) return false;
    const end = this.#at + 1 + room.length;
    return this.#node(end, { kind: "room", text: this.text.slice(this.#at, end), room: room.room });
  }
}

function addressLink(href: string): Inline {
  return { kind: "link", href, children: [{ kind: "text", text: href }] };
}

/** Return the character before `at`, as a whole code point. */
function before(text: string, at: number): string {
  return text.slice(Math.max(0, at - 2), at);
}

/** Return the number of times that the character at `start` is repeated. */
function run(text: string, start: number): number {
  let end = start + 1;
  while (text[end] === text[start]) end += 1;
  return end - start;
}

/** Return the places of all runs of backticks by their length, the last place first. */
function ticks(text: string): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const each of text.matchAll(/`+/g)) {
    const places = found.get(each[0].length);
    if (places === undefined) found.set(each[0].length, [each.index]);
    else places.push(each.index);
  }
  for (const places of found.values()) places.reverse();
  return found;
}

/**
 * Return the closing place of each bracket and parenthesis, found in one pass: looking for the end
 * of each `[` by itself would take quadratic time. A space ends the search for a parenthesis, because
 * an address has none.
 */
function pairs(text: string): Map<number, number> {
  const found = new Map<number, number>();
  const brackets: number[] = [];
  let parentheses: number[] = [];
  const marks = /\\.|[[\]()]|\s+/gs;
  for (const { 0: mark, index } of text.matchAll(marks)) {
    if (mark === "[") brackets.push(index);
    else if (mark === "(") parentheses.push(index);
    else if (mark === "]" || mark === ")") {
      const open = (mark === "]" ? brackets : parentheses).pop();
      if (open !== undefined) found.set(open, index);
    } else if (mark.trim() === "") parentheses = [];
  }
  return found;
}
