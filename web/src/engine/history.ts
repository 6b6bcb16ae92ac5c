// Reads of the stored messages of one conversation.

import type { Wire } from "../wire/wire.ts";
import { callFailure } from "../wire/errors.ts";
import type { ConversationKey, Message } from "./api.ts";
import { storedOf, targetOf } from "./messages.ts";

export const PAGE = 100;
const MAX_PAGE = 300;

/** A run of messages by ascending sequence; `more` if others are beyond its far end. */
export interface Page {
  readonly messages: readonly Message[];
  readonly more: boolean;
}

export class History {
  constructor(
    private readonly wire: Wire,
    private readonly key: ConversationKey,
    private readonly me: () => number,
    private readonly idOf: (sequence: number) => string | undefined,
  ) {}

  /** Returns the newest messages of a range; the bounds are not in it, and 0 is no bound. */
  async before(before: number, size = PAGE, after = 0): Promise<Page> {
    try {
      const { messages, nextPageToken } = await this.wire.chat.listMessages({
        target: targetOf(this.key),
        pageSize: size,
        beforeSequence: BigInt(before),
        afterSequence: BigInt(after),
      });
      const found = messages.map((each) => storedOf(each, this.me(), this.idOf(Number(each.sequence))));
      return { messages: found.filter((each) => each !== undefined).reverse(), more: nextPageToken !== "" };
    } catch (error) {
      throw callFailure(error);
    }
  }

  /** Returns the oldest messages after a sequence. The server lists the newest first, so the range is searched. */
  async after(after: number, head: number): Promise<Page> {
    let from = after;
    let span = MAX_PAGE;
    while (from < head) {
      const end = from + span + 1;
      const page = await this.before(end > head ? 0 : end, MAX_PAGE, from);
      if (page.more && span > 1) {
        span = Math.max(1, Math.floor(span / 4));
      } else if (page.messages.length > 0 || end > head) {
        return { messages: page.messages, more: end <= head };
      } else {
        from += span;
        span *= 4;
      }
    }
    return { messages: [], more: false };
  }

  /** Returns the sequence of the first message at a time or later, or 0. */
  async firstAt(time: number, head: number): Promise<number> {
    let [low, high, found] = [0, head + 1, 0];
    // Every message with a sequence up to `low` is earlier; `found` is the oldest known one that is not.
    while (low < high - 1) {
      const middle = Math.floor((low + high) / 2);
      const message = (await this.before(middle + 1, 1, low)).messages[0];
      if (message && message.time >= time) {
        found = message.sequence;
        high = message.sequence;
      } else {
        low = middle;
      }
    }
    return found;
  }
}
