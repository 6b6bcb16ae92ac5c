/**
 * Parses the Markdown of messages.
 *
 * A small subset of CommonMark for chat: a line break stays one, and there are no headings, images,
 * tables or HTML. The time is linear in the length of the text: lines are read once at each level of
 * nesting, and there are at most `MAX_DEPTH` levels.
 */

import { parseInline } from "./inline.ts";
import { NO_NAMES, type Block, type Names } from "./tree.ts";

const MAX_DEPTH = 4;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,3}[.)])( +)(?=\S)/;

/** Return the tree of a message's text. */
export function parse(text: string, names: Names = NO_NAMES): Block[] {
  return new Blocks(text.replace(/\r\n?/g, "\n").split("\n"), names, 0).parse();
}

class Blocks {
  readonly #out: Block[] = [];
  #paragraph: string[] = [];
  #at = 0;

  constructor(
    private readonly lines: readonly string[],
    private readonly names: Names,
    private readonly depth: number,
  ) {}

  parse(): Block[] {
    while (this.#at < this.lines.length) {
      const line = this.#line();
      if (line.trim() === "") {
        this.#end();
        this.#at += 1;
      } else if (!this.#fence(line) && !this.#quote(line) && !this.#list(line)) {
        this.#paragraph.push(line);
        this.#at += 1;
      }
    }
    this.#end();
    return this.#out;
  }

  #line(): string {
    return this.lines[this.#at] ?? "";
  }

  #end(): void {
    if (this.#paragraph.length > 0) {
      const children = parseInline(this.#paragraph.join("\n").trim(), this.names);
      this.#out.push({ kind: "paragraph", children });
      this.#paragraph = [];
    }
  }

  #nested(lines: string[]): Block[] {
    return new Blocks(lines, this.names, this.depth + 1).parse();
  }

  #fence(line: string): boolean {
    const found = FENCE.exec(line);
    if (found === null) return false;
    this.#end();
    const [, fence = "", language = ""] = found;
    const lines: string[] = [];
    for (this.#at += 1; this.#at < this.lines.length; this.#at += 1) {
      if (closes(this.#line(), fence)) {
        this.#at += 1;
        break;
      }
      lines.push(this.#line());
    }
    this.#out.push({ kind: "codeBlock", text: lines.join("\n"), language });
    return true;
  }

  #quote(line: string): boolean {
    if (this.depth >= MAX_DEPTH || !QUOTE.test(line)) return false;
    this.#end();
    const lines: string[] = [];
    for (; this.#at < this.lines.length && QUOTE.test(this.#line()); this.#at += 1) {
      lines.push(this.#line().replace(QUOTE, ""));
    }
    this.#out.push({ kind: "quote", children: this.#nested(lines) });
    return true;
  }

  #list(line: string): boolean {
    const first = this.depth < MAX_DEPTH ? ITEM.exec(line) : null;
    if (first === null) return false;
    this.#end();
    const sort = sortOf(first);
    const items: Block[][] = [];
    for (let item: RegExpExecArray | null = first; item !== null && sortOf(item) === sort; ) {
      items.push(this.#item(item[0].length));
      item = ITEM.exec(this.#line());
    }
    const number = Number.parseInt(first[2] ?? "", 10);
    this.#out.push({ kind: "list", start: Number.isNaN(number) ? null : number, items });
    return true;
  }

  /** Read an item whose text begins at `width`, with the lines below it that are indented. */
  #item(width: number): Block[] {
    const lines = [this.#line().slice(width)];
    for (this.#at += 1; this.#at < this.lines.length; this.#at += 1) {
      const line = this.#line();
      const indent = line.length - line.trimStart().length;
      if (line.trim() === "") {
        const next = this.lines[this.#at + 1] ?? "";
        if (!/^ {2,}\S/.test(next)) break;
        lines.push("");
      } else if (indent >= 2) {
        lines.push(line.slice(Math.min(indent, width)));
      } else {
        break;
      }
    }
    return this.#nested(lines);
  }
}

/** Return the mark by which items belong to one list: `-`, `*`, `+`, or `.` and `)` after numbers. */
function sortOf(item: RegExpExecArray): string {
  return (item[2] ?? "").slice(-1);
}

/** Return true if a line closes a code block: it has only the fence's character, at least as often. */
function closes(line: string, fence: string): boolean {
  const mark = line.trim();
  return mark.length >= fence.length && mark === (fence[0] ?? "").repeat(mark.length);
}
