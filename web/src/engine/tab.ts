// What a tab keeps over a reload: the position in the log, and the lists that were right at this position. A reload resumes
// there, and events bring the rest. There is no token in it: the session is in a cookie that no script reads.

import type { ConversationKey, ConversationSummary, Me, Room } from "./api.ts";

/** The position of a stream in a log. */
export interface Position {
  readonly logId: string;
  /** The run of the server that told it. */
  readonly incarnation: string;
  readonly sequence: number;
}

export interface Kept {
  readonly position: Position;
  readonly me: Me;
  readonly conversations: readonly ConversationSummary[];
  readonly invitations: readonly Room[];
  readonly readByOther: readonly (readonly [ConversationKey, number])[];
}

/** The form of what is kept; another form is not read. */
const FORM = 1;
/** The list shows one line of the last message. */
const MAX_PREVIEW = 300;
/** With more conversations nothing is kept: a browser has about 5 MB for all tabs of a window. */
const MAX_CONVERSATIONS = 1000;

/** `sessionStorage`: it belongs to one tab. A duplicated tab begins with a copy, and goes its own way from there. */
export type TabStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The storage of one tab under a name, which differs for each path of the host. */
export class Tab {
  constructor(
    private readonly storage: TabStorage | undefined,
    private readonly name: string,
  ) {}

  /** Returns what an earlier load of this tab kept. */
  read(): Kept | undefined {
    try {
      const { form, ...kept } = JSON.parse(this.storage?.getItem(this.name) ?? "{}") as Kept & { form?: number };
      return form === FORM ? kept : undefined;
    } catch {
      // Another program of this origin has written it; the page then starts without it.
      return undefined;
    }
  }

  write(kept: Kept): void {
    try {
      if (kept.conversations.length > MAX_CONVERSATIONS) return this.clear();
      // 64-bit numbers are in the limits only; the next welcome brings those again.
      this.storage?.setItem(this.name, JSON.stringify({ form: FORM, ...kept, conversations: kept.conversations.map(previewed) }, (_, value: unknown) => (typeof value === "bigint" ? undefined : value)));
    } catch {
      // The storage is full: an old position with old lists would be right, too, but without any a reload is quicker.
      this.clear();
    }
  }

  clear(): void {
    this.storage?.removeItem(this.name);
  }
}

function previewed(summary: ConversationSummary): ConversationSummary {
  const { lastMessage } = summary;
  return { ...summary, lastMessage: lastMessage && { ...lastMessage, text: lastMessage.text.slice(0, MAX_PREVIEW) } };
}
