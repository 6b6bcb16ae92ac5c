/**
 * Pairs the delimiters of a paragraph, as CommonMark describes in "An algorithm for parsing nested
 * emphasis and links", and builds the tree.
 */

import type { Inline } from "./tree.ts";

type Mark = "*" | "_" | "~";
type Kind = "strong" | "emphasis" | "strike";

interface Delimiter {
  mark: Mark;
  length: number;
  left: number;
  opens: boolean;
  closes: boolean;
  /** Kinds that end here, the innermost first. */
  ends: Kind[];
  /** Kinds that begin here, the outermost first. */
  begins: Kind[];
}

/** Deeper emphasis is flattened: the renderer and the browser recurse. */
const MAX_DEPTH = 12;
const WORD = /[\p{L}\p{N}]/u;

export class Emphasis {
  readonly #items: (Inline | Delimiter)[] = [];

  text(text: string): void {
    this.#items.push({ kind: "text", text });
  }

  node(node: Inline): void {
    this.#items.push(node);
  }

  delimiter(mark: Mark, length: number, before: string, after: string): void {
    const inWord = mark === "_" && WORD.test(before) && WORD.test(after);
    const opens = after.trim() !== "" && !inWord;
    const closes = before.trim() !== "" && !inWord;
    this.#items.push({ mark, length, left: length, opens, closes, ends: [], begins: [] });
  }

  tree(): Inline[] {
    this.#pair();
    return this.#build();
  }

  #pair(): void {
    const stack: Delimiter[] = [];
    const bottoms = new Map<string, number>();
    for (const item of this.#items) {
      if (!("mark" in item)) continue;
      while (item.closes && item.left > 0) {
        // The key is that of CommonMark: below this place, nothing can open for such a closer.
        const key = `${item.mark}${item.opens}${item.length % 3}`;
        const at = opener(stack, item, bottoms.get(key) ?? 0);
        if (at < 0) {
          bottoms.set(key, stack.length);
          break;
        }
        use(stack[at] as Delimiter, item);
        stack.length = (stack[at] as Delimiter).left > 0 ? at + 1 : at;
        for (const [other, bottom] of bottoms) bottoms.set(other, Math.min(bottom, stack.length));
      }
      if (item.opens && item.left > 0) stack.push(item);
    }
  }

  #build(): Inline[] {
    const root: Inline[] = [];
    const open: Inline[][] = [root];
    let tooDeep = 0;
    const here = (): Inline[] => open[open.length - 1] ?? root;
    for (const item of this.#items) {
      if (!("mark" in item)) {
        append(here(), item);
        continue;
      }
      for (let each = item.ends.length; each > 0; each -= 1) {
        if (tooDeep > 0) tooDeep -= 1;
        else open.pop();
      }
      if (item.left > 0) append(here(), { kind: "text", text: item.mark.repeat(item.left) });
      for (const kind of item.begins) {
        if (open.length > MAX_DEPTH) {
          tooDeep += 1;
          continue;
        }
        const children: Inline[] = [];
        here().push({ kind, children });
        open.push(children);
      }
    }
    return root;
  }
}

/** Return the place of the delimiter that opens for `closer`, at or above `bottom`, or -1. */
function opener(stack: readonly Delimiter[], closer: Delimiter, bottom: number): number {
  for (let at = stack.length - 1; at >= bottom; at -= 1) {
    const open = stack[at] as Delimiter;
    if (open.mark !== closer.mark) continue;
    const either = open.closes || closer.opens;
    const three = (open.length + closer.length) % 3 === 0;
    const both = open.length % 3 === 0 && closer.length % 3 === 0;
    if (!either || !three || both || open.mark === "~") return at;
  }
  return -1;
}

/** Pair as many characters of both as one kind of emphasis takes. */
function use(open: Delimiter, close: Delimiter): void {
  const double = open.left >= 2 && close.left >= 2;
  const kind = open.mark === "~" ? "strike" : double ? "strong" : "emphasis";
  open.left -= double ? 2 : 1;
  close.left -= double ? 2 : 1;
  open.begins.unshift(kind);
  close.ends.push(kind);
}

/** Append a node; neighboring texts become one. */
function append(nodes: Inline[], node: Inline): void {
  const last = nodes[nodes.length - 1];
  if (node.kind === "text" && last?.kind === "text") last.text += node.text;
  else nodes.push(node);
}
