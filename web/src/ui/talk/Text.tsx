import type { ComponentChild } from "preact";
import { parse } from "../../markdown/blocks.ts";
import type { Block, Inline, Names } from "../../markdown/tree.ts";
import { routeOf } from "../../shell/places.ts";
import { formatRoute } from "../../shell/route.ts";
import { roomKey, userKey } from "../../engine/api.ts";

const ONLY_EMOJI = /^(?:(?:\p{RI}{2}|[#*0-9]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:\ufe0f|\p{EMod}|[\u{e0020}-\u{e007f}]|\u200d\p{Extended_Pictographic})*)\s?){1,6}$/u;

/** A message's text. Its nodes become elements; no text becomes markup. */
export function Text({ text, names, me }: { text: string; names: Names; me: number }) {
  if (text.length < 80 && ONLY_EMOJI.test(text)) {
    return <div class="text only-emoji">{text}</div>;
  }
  return (
    <div class="text" dir="auto">
      {parse(text, names).map((block) => blockNode(block, me))}
    </div>
  );
}

function blockNode(block: Block, me: number): ComponentChild {
  switch (block.kind) {
    case "paragraph":
      return <p dir="auto">{block.children.map((each) => inlineNode(each, me))}</p>;
    case "codeBlock":
      // A block of code scrolls, so the keyboard must reach it.
      return (
        <pre dir="ltr" tabIndex={0} data-language={block.language || undefined}>
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote>{block.children.map((each) => blockNode(each, me))}</blockquote>;
    case "list": {
      const items = block.items.map((item) => <li>{item.map((each) => blockNode(each, me))}</li>);
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
  }
}

function inlineNode(node: Inline, me: number): ComponentChild {
  switch (node.kind) {
    case "text":
      return node.text;
    case "break":
      return <br />;
    case "code":
      return <code>{node.text}</code>;
    case "strong":
      return <strong>{node.children.map((each) => inlineNode(each, me))}</strong>;
    case "emphasis":
      return <em>{node.children.map((each) => inlineNode(each, me))}</em>;
    case "strike":
      return <s>{node.children.map((each) => inlineNode(each, me))}</s>;
    case "mention":
      return (
        <a class={`mention ${node.number === me ? "me" : ""}`} href={formatRoute(routeOf(userKey(node.number)))}>
          {node.text}
        </a>
      );
    case "room":
      return (
        <a class="mention" href={formatRoute(routeOf(roomKey(node.room)))}>
          {node.text}
        </a>
      );
    case "link":
      return linkNode(node.href, node.children.map((each) => inlineNode(each, me)));
  }
}

/** A link to this page opens here; any other one in a new tab that knows nothing of this one. */
function linkNode(href: string, children: ComponentChild[]): ComponentChild {
  const url = new URL(href);
  if (url.origin === location.origin && url.pathname === location.pathname && url.hash.startsWith("#/")) return <a href={url.hash}>{children}</a>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={href}>
      {children}
    </a>
  );
}
