/**
 * The tree of a message's text. The renderer makes one element for each kind of node, so a text can
 * become nothing else.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "break" }
  | { kind: "strong" | "emphasis" | "strike"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "mention"; text: string; number: number }
  | { kind: "room"; text: string; room: string };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "codeBlock"; text: string; language: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; start: number | null; items: Block[][] };

/** Resolves the names in a text. A name that resolves to nothing stays text. */
export interface Names {
  /**
   * Return the user whom the word after an `@` names, and the length of the name in the word.
   * `number` is the number after `#`, or 0.
   */
  mention(word: string, number: number): { length: number; number: number } | null;
  /** Return the name of the room that the word after a `#` names, and its length in the word. */
  room(word: string): { length: number; room: string } | null;
}

export const NO_NAMES: Names = { mention: () => null, room: () => null };

/** Return the text of a tree without its marks, for previews and for screen readers. */
export function plain(blocks: readonly Block[]): string {
  return blocks.map(plainBlock).join("\n");
}

function plainBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return plainInline(block.children);
    case "codeBlock":
      return block.text;
    case "quote":
      return plain(block.children);
    case "list":
      return block.items.map(plain).join("\n");
  }
}

function plainInline(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.kind === "break") return "\n";
      return "children" in node ? plainInline(node.children) : node.text;
    })
    .join("");
}
