/** The emoji that were used last in this browser, and the chosen skin tone. */

import { signal } from "@preact/signals";
import type { Tone } from "./emoji.ts";

const KEY = "chat-grpc.emoji";
const MOST = 24;
const COMMON = ["👍", "❤️", "😂", "🎉", "👀", "✅", "🙏", "😮"];

interface Kept {
  recent: readonly string[];
  tone: Tone;
}

/** Return the kept values of a text; a text of another form has none. */
export function parseKept(text: string | null): Kept {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    const { recent, tone } = Object(found) as Partial<Record<keyof Kept, unknown>>;
    return {
      recent: Array.isArray(recent) ? recent.filter((each): each is string => typeof each === "string").slice(0, MOST) : [],
      tone: typeof tone === "number" && [0, 1, 2, 3, 4, 5].includes(tone) ? (tone as Tone) : 0,
    };
  } catch (error) {
    // Another program wrote the key.
    if (error instanceof SyntaxError) return { recent: [], tone: 0 };
    throw error;
  }
}

const kept = parseKept(localStorage.getItem(KEY));
export const emojiTone = signal<Tone>(kept.tone);
export const recentEmoji = signal<readonly string[]>([...new Set([...kept.recent, ...COMMON])].slice(0, MOST));

function keep(): void {
  localStorage.setItem(KEY, JSON.stringify({ recent: recentEmoji.peek(), tone: emojiTone.peek() } satisfies Kept));
}

export function chooseTone(tone: Tone): void {
  emojiTone.value = tone;
  keep();
}

export function noteEmoji(emoji: string): void {
  recentEmoji.value = [emoji, ...recentEmoji.peek().filter((each) => each !== emoji)].slice(0, MOST);
  keep();
}
