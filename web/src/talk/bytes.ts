/** The size of a text as the server counts it. */

/** Return the number of bytes of a text in UTF-8. A lone surrogate counts as 3 bytes, as U+FFFD, which is sent. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(at + 1))) {
      bytes += 2; // 4 bytes for the 2 units of the pair
      at += 1;
    } else bytes += 2;
  }
  return bytes;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** Return the number of bytes that are left once the text comes near the limit, or null while it is far from it. */
export function bytesLeft(text: string, limit: number): number | null {
  const size = limit === 0 ? 0 : byteLength(text);
  const near = Math.max(limit * 0.9, limit - 500);
  return limit > 0 && size >= near ? limit - size : null;
}
