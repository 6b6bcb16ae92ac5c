/** Links of a text: the schemes that are allowed, and the end of a bare address. */

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const MAX_LENGTH = 2048;

// The ends of addresses are those of the server's mentions (chat_grpc/core/mentions.py).
const BARE = /(?:https?:\/\/|mailto:)[^\s<>"`\u3000，。、；！？）」』】》]{1,2048}/iy;
const TRAILING = new Set(".,;:!?'*_~)]}|");

/** Return the address if its scheme is allowed, or null. */
export function safeHref(address: string): string | null {
  if (address.length > MAX_LENGTH || /[\s\p{Cc}\p{Cf}]/u.test(address)) return null;
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) ? address : null;
  } catch {
    return null; // Not an address: URL reports that by an exception only.
  }
}

/** Return the end of the bare address that begins at `start`, or -1. */
export function bareEnd(text: string, start: number): number {
  BARE.lastIndex = start;
  const found = BARE.exec(text);
  if (found === null) return -1;
  const end = start + trimmed(found[0]);
  return safeHref(text.slice(start, end)) === null ? -1 : end;
}

/** Return the length of an address without the punctuation of the sentence around it. */
function trimmed(address: string): number {
  let open = 0;
  for (const letter of address) open += letter === "(" ? 1 : letter === ")" ? -1 : 0;
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] ?? "";
    if (!TRAILING.has(last) || (last === ")" && open >= 0)) break;
    if (last === ")") open += 1;
    end -= 1;
  }
  return end;
}

/**
 * Return the text to show for a link. A label that looks like another address than the link's own
 * would deceive the reader, so the address is shown in its place.
 */
export function labelIsHonest(label: string, href: string): boolean {
  const host = /^\s*(?:[a-z]+:\/\/|www\.)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?=[/:?#\s]|$)/iu.exec(label)?.[1];
  if (host === undefined) return !label.includes("://");
  return new URL(href).host.toLowerCase().replace(/^www\./, "") === host.toLowerCase().replace(/^www\./, "");
}
