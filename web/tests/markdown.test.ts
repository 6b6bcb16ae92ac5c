import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { parse } from "../src/markdown/blocks.ts";
import { plain, type Block, type Inline, type Names } from "../src/markdown/tree.ts";

const NAMES: Names = {
  mention: (word) => (word.toLowerCase().startsWith("bob") ? { length: 3, number: 7 } : null),
  room: (word) => (word === "lobby" ? { length: 5, room: "lobby" } : null),
};

/** Write a tree in a short form: the tests compare texts, which are easier to read. */
function show(blocks: readonly Block[]): string {
  return blocks.map(block).join("");
}

function block(each: Block): string {
  if (each.kind === "paragraph") return `<p>${inline(each.children)}</p>`;
  if (each.kind === "codeBlock") return `<pre ${each.language}>${each.text}</pre>`;
  if (each.kind === "quote") return `<q>${show(each.children)}</q>`;
  const items = each.items.map((item) => `<li>${show(item)}</li>`).join("");
  return each.start === null ? `<ul>${items}</ul>` : `<ol ${each.start}>${items}</ol>`;
}

function inline(nodes: readonly Inline[]): string {
  return nodes
    .map((each) => {
      if (each.kind === "text") return each.text;
      if (each.kind === "break") return "<br>";
      if (each.kind === "code") return `<code>${each.text}</code>`;
      if (each.kind === "mention") return `<@${each.number} ${each.text}>`;
      if (each.kind === "room") return `<#${each.room}>`;
      if (each.kind === "link") return `<a ${each.href}>${inline(each.children)}</a>`;
      return `<${each.kind}>${inline(each.children)}</${each.kind}>`;
    })
    .join("");
}

const CASES: [source: string, shown: string][] = [
  ["hello", "<p>hello</p>"],
  ["two\nlines", "<p>two<br>lines</p>"],
  ["one\n\ntwo", "<p>one</p><p>two</p>"],
  ["**bold** and *italic* and _too_", "<p><strong>bold</strong> and <emphasis>italic</emphasis> and <emphasis>too</emphasis></p>"],
  ["***both***", "<p><emphasis><strong>both</strong></emphasis></p>"],
  ["**a *b* c**", "<p><strong>a <emphasis>b</emphasis> c</strong></p>"],
  ["~~gone~~ ~not~", "<p><strike>gone</strike> ~not~</p>"],
  ["2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"],
  ["**テスト。**です", "<p><strong>テスト。</strong>です</p>"],
  ["\\*plain\\* \\`too\\`", "<p>*plain* `too`</p>"],
  ["`a*b*` and ``x`y``", "<p><code>a*b*</code> and <code>x`y</code></p>"],
  ["a ` alone", "<p>a ` alone</p>"],
  ["```py\na = **1**\n\n> b\n```\nafter", "<pre py>a = **1**\n\n> b</pre><p>after</p>"],
  ["```\nnever closed", "<pre >never closed</pre>"],
  ["> quoted\n> > twice\nafter", "<q><p>quoted</p><q><p>twice</p></q></q><p>after</p>"],
  ["- a\n- b\n  - c\n* other", "<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ul><ul><li><p>other</p></li></ul>"],
  ["3. three\n4. four", "<ol 3><li><p>three</p></li><li><p>four</p></li></ol>"],
  ["2026. was a year", "<p>2026. was a year</p>"],
  ["# no heading", "<p># no heading</p>"],
  ["<b>no</b> &amp; <img src=x onerror=alert(1)>", "<p><b>no</b> &amp; <img src=x onerror=alert(1)></p>"],
  ["see https://a.example/x_(y)_z, ok", "<p>see <a https://a.example/x_(y)_z>https://a.example/x_(y)_z</a>, ok</p>"],
  ["(https://a.example/)", "<p>(<a https://a.example/>https://a.example/</a>)</p>"],
  ["**https://a.example/**", "<p><strong><a https://a.example/>https://a.example/</a></strong></p>"],
  ["<https://a.example>", "<p><a https://a.example>https://a.example</a></p>"],
  ["[site](https://a.example/b(c))", "<p><a https://a.example/b(c)>site</a></p>"],
  ["[a *b*](mailto:a@b.example)", "<p><a mailto:a@b.example>a <emphasis>b</emphasis></a></p>"],
  ["[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"],
  ["[x](JaVaScRiPt:alert(1)) [y](data:text/html,1) [z](//a.example)", "<p>[x](JaVaScRiPt:alert(1)) [y](data:text/html,1) [z](//a.example)</p>"],
  ["[https://bank.example](https://evil.example)", "<p><a https://evil.example>https://evil.example</a></p>"],
  ["[bank.example](https://evil.example)", "<p><a https://evil.example>https://evil.example</a></p>"],
  ["[www.bank.example](https://bank.example/login)", "<p><a https://bank.example/login>www.bank.example</a></p>"],
  ["hi @Bob! #lobby", "<p>hi <@7 @Bob>! <#lobby></p>"],
  ["@bob#7: mail@bob.example x#lobby `@bob`", "<p><@7 @bob#7>: mail@bob.example x#lobby <code>@bob</code></p>"],
  ["@nobody #nowhere", "<p>@nobody #nowhere</p>"],
];

for (const [source, shown] of CASES) {
  test(`${JSON.stringify(source)} is parsed`, () => assert.equal(show(parse(source, NAMES)), shown));
}

const PIECES = ["*", "**", "_", "~~", "`", "```", "\n", "\n\n", "> ", "- ", "1. ", "  ", "[", "](", ")", "<", ">", "\\", "@bob", "#lobby", "https://a.example/", "javascript:", "mailto:x@y", " ", "a", "é", "文", "😀", "\ud800", "\0"];
const texts = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((all) => all.join("")));

test("any text becomes allowed nodes only, with safe addresses and bounded nesting", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const visit = (each: Block | Inline, depth: number): void => {
        assert.ok(depth < 40);
        assert.ok(["paragraph", "codeBlock", "quote", "list", "text", "break", "strong", "emphasis", "strike", "code", "link", "mention", "room"].includes(each.kind));
        if (each.kind === "link") assert.match(each.href, /^(https?|mailto):/i);
        if (each.kind === "list") each.items.flat().forEach((child) => visit(child, depth + 1));
        else if ("children" in each) each.children.forEach((child) => visit(child, depth + 1));
      };
      parse(text, NAMES).forEach((each) => visit(each, 0));
    }),
    { numRuns: 3000 },
  );
});

test("no letter of a text without marks is lost", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z .,:!?]{0,200}$/), (text) => {
      const kept = (each: string) => each.replace(/\s+/g, "");
      assert.equal(kept(plain(parse(text))), kept(text));
    }),
  );
});

const HOSTILE: Record<string, string> = {
  "opening brackets": "[",
  "brackets with parentheses": "[](",
  "links without an end": "[a](b",
  "closing pairs": "](",
  stars: "*a ",
  "closing stars": "a* ",
  "stars and underscores": "*a_b",
  "mixed stars": "**a*b",
  "single ticks": "` `` ",
  quotes: ">",
  "quoted lines": "> > > > > a\n",
  "nested lists": "- ",
  "list lines": "- a\n  - b\n",
  "blank items": "- a\n\n",
  "angle brackets": "<https://",
  addresses: "http://a.b/",
  "trailing punctuation": "http://a.b/)))))) ",
  mentions: "@b",
  escapes: "\\*",
  "open fences": "```\n",
  spaces: " ",
};

const SIZE = 64 * 1024;

/** The time of the processor, which other programs of a busy machine do not take. */
function milliseconds(text: string): number {
  const start = process.cpuUsage();
  parse(text, NAMES);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The fastest of some runs, so that a pause of the machine is not measured. */
function fastest(text: string): number {
  return Math.min(...Array.from({ length: 8 }, () => milliseconds(text)));
}

for (const [name, piece] of Object.entries(HOSTILE)) {
  test(`64 KiB of ${name} take time linear in the size`, () => {
    const of = (size: number) => piece.repeat(Math.ceil(size / piece.length));
    const quarter = Math.max(fastest(of(SIZE / 4)), 1);
    const whole = fastest(of(SIZE));
    // Quadratic time would be 16 times as long.
    assert.ok(whole < 13 * quarter, `${whole.toFixed(1)} ms for 64 KiB, ${quarter.toFixed(1)} ms for 16 KiB`);
    assert.ok(whole < 500, `${whole.toFixed(1)} ms`);
  });
}
