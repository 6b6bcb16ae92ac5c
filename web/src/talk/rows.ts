/** The rows of a conversation: day lines, the line "new", messages in groups, and lines about the room. */

import type { Message, Notice } from "../engine/api.ts";

export type Row =
  | { kind: "day"; key: string; estimate: number; time: number }
  | { kind: "new"; key: string; estimate: number }
  | { kind: "notice"; key: string; estimate: number; notice: Notice }
  | { kind: "message"; key: string; estimate: number; message: Message; head: boolean };

/** Messages of one author belong to one group for so long after its last message, in milliseconds. */
const GROUP = 5 * 60_000;
const LINE = 21;
const COLUMNS = 90;

/** A day in the time zone of the reader, as a number that sorts. */
export function dayOf(time: number): number {
  const date = new Date(time);
  return date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate();
}

/** Return true if a message stands below another one without a head of its own. */
export function continues(before: Message, message: Message): boolean {
  return (
    before.author.number === message.author.number &&
    before.author.name === message.author.name &&
    message.replyTo === 0 &&
    message.time - before.time < GROUP &&
    dayOf(before.time) === dayOf(message.time)
  );
}

/** Makes rows. A row whose message did not change is the same object again, so that it is not drawn again. */
export class Rows {
  readonly #kept = new WeakMap<Message, { head: boolean; row: Row }>();
  readonly #lines = new Map<string, Row>();

  /** `newAfter` is the sequence after which the line "new" stands; 0: no line. */
  make(messages: readonly Message[], notices: readonly Notice[], newAfter: number): Row[] {
    const rows: Row[] = [];
    let before: Message | null = null;
    let day = 0;
    let isNew = newAfter > 0;
    let notice = 0;
    const dayLine = (time: number) => {
      const today = dayOf(time);
      if (today === day) return;
      rows.push(this.#line({ kind: "day", key: `d${today}`, estimate: 36, time: startOf(time) }));
      day = today;
      before = null;
    };
    const noticesBefore = (sequence: number) => {
      for (; notice < notices.length; notice += 1) {
        const each = notices[notice] as Notice;
        if (each.sequence >= sequence) break;
        dayLine(each.time);
        rows.push(this.#line({ kind: "notice", key: `n${each.sequence}`, estimate: 28, notice: each }));
        before = null;
      }
    };
    for (const message of messages) {
      const stored = message.sequence > 0;
      noticesBefore(stored ? message.sequence : Infinity);
      dayLine(message.time);
      if (isNew && !message.mine && message.sequence > newAfter) {
        rows.push(this.#line({ kind: "new", key: "new", estimate: 28 }));
        isNew = false;
        before = null;
      }
      rows.push(this.#message(message, before === null || !continues(before, message)));
      before = message;
    }
    noticesBefore(Infinity);
    return rows;
  }

  #message(message: Message, head: boolean): Row {
    const kept = this.#kept.get(message);
    if (kept !== undefined && kept.head === head) return kept.row;
    const lines = Math.min(40, message.text.split("\n", 40).length + Math.floor(message.text.length / COLUMNS));
    const extra = (head ? 30 : 4) + (message.replyTo > 0 ? 24 : 0) + (message.reactions.length > 0 ? 32 : 0);
    const row: Row = { kind: "message", key: message.id, estimate: extra + LINE * Math.max(1, lines), message, head };
    this.#kept.set(message, { head, row });
    return row;
  }

  #line(row: Row): Row {
    const kept = this.#lines.get(row.key);
    if (kept !== undefined) return kept;
    this.#lines.set(row.key, row);
    return row;
  }
}

function startOf(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
