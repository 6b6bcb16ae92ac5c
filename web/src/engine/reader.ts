// Reads of the lists that events then keep up to date: conversations, people, invitations, the block list.

import { RoomRole, type Client, type Room } from "../gen/chat_grpc/v1/chat_pb.ts";
import { callFailure } from "../wire/errors.ts";
import { History } from "./history.ts";
import type { State } from "./state.ts";

const SOON_MS = 300;
const RETRY_MS = 2000;
const MAX_MENTION_READS = 15;

export class Reader {
  #soon: ReturnType<typeof setTimeout> | undefined;
  #round = 0;
  #reads = 0;
  #missed = false;

  constructor(private readonly state: State) {}

  /** True while the conversations are being read, or will be. */
  get reads(): boolean {
    return this.#soon !== undefined || this.#reads > 0 || this.#missed;
  }

  /** Reads all lists, and all again after a failure. Ends early if the user signs out, or a later read begins. */
  async everything(): Promise<void> {
    const round = ++this.#round;
    while (round === this.#round && this.state.me.peek()) {
      try {
        await Promise.all([this.#conversations(true), this.#people(), this.#rooms(), this.#blocked()]);
        if (round !== this.#round) return;
        this.state.listed.value = true;
        void this.#mentions();
        return;
      } catch (error) {
        await new Promise((resolve) => setTimeout(resolve, callFailure(error).retryAfter ?? RETRY_MS));
      }
    }
  }

  /** Ends all that waits for a later try. */
  close(): void {
    this.#round += 1;
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  /** Reads the lists that no stored event keeps up to date; a failure is made good by the next stream. */
  async present(): Promise<void> {
    if (this.#missed) this.conversationsSoon();
    await Promise.all([this.#people(), this.#blocked()]).catch((error) => this.#later(error, () => void this.present()));
  }

  /** Reads the conversations again, once for many calls. */
  conversationsSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#conversations(false).catch((error) => {
        this.#missed = true;
        this.#later(error, () => this.conversationsSoon());
      });
    }, SOON_MS);
  }

  /** Reads later if the server refused for its rate, unless everything is read until then. */
  #later(error: unknown, read: () => void): void {
    const { reason, retryAfter } = callFailure(error);
    const round = this.#round;
    if (reason === "RATE_LIMITED") setTimeout(() => round === this.#round && read(), retryAfter ?? RETRY_MS);
  }

  async #conversations(whole: boolean): Promise<void> {
    this.#reads += 1;
    this.#missed = false;
    try {
      await this.#list(
        (pageToken) => this.state.wire.chat.listConversations({ pageSize: 300, pageToken }),
        (page) => page.conversations,
        (all) => this.state.book.take(all, this.state.number.peek(), whole),
      );
    } finally {
      this.#reads -= 1;
    }
  }

  #people(): Promise<void> {
    return this.#list(
      (pageToken) => this.state.wire.chat.listClients({ pageSize: 1000, pageToken }),
      (page) => page.clients,
      (all) => (this.state.people.value = new Map(all.map((each: Client) => [each.number, each]))),
    );
  }

  #rooms(): Promise<void> {
    const invited = (each: Room) => each.inviteOnly && each.myRole === RoomRole.UNSPECIFIED;
    return this.#list(
      (pageToken) => this.state.wire.chat.listRooms({ pageSize: 1000, pageToken }),
      (page) => page.rooms,
      (all) => (this.state.invitations.value = all.filter(invited)),
    );
  }

  #blocked(): Promise<void> {
    return this.#list(
      (pageToken) => this.state.wire.chat.listBlocked({ pageSize: 1000, pageToken }),
      (page) => page.users,
      (all) => (this.state.blocked.value = new Set(all.map((each) => each.number))),
    );
  }

  /** Reads all pages of a list that events may change meanwhile, and takes it. */
  #list<P extends { nextPageToken: string }, T>(read: (pageToken: string) => Promise<P>, items: (page: P) => T[], take: (all: T[]) => void): Promise<void> {
    return this.state.changes.read(() => pages(read, items), take);
  }

  /** Counts the mentions among the newest unread messages of the rooms. */
  async #mentions(): Promise<void> {
    const rooms = this.state.book.sorted.peek().filter((each) => each.room && each.unread > 0);
    for (const { key, readSequence } of rooms.slice(0, MAX_MENTION_READS)) {
      const history = new History(this.state.wire, key, () => this.state.number.peek(), () => undefined);
      try {
        const { messages } = await history.before(0, 100, readSequence);
        const mentions = messages.filter((each) => each.mentionsMe).length;
        this.state.book.update(key, (each) => (each.unread > 0 ? { ...each, mentions: Math.max(mentions, each.mentions) } : each));
      } catch (error) {
        return this.#later(error, () => void this.#mentions());
      }
    }
  }
}

/** Returns the items of all pages of a list. */
export async function pages<P extends { nextPageToken: string }, T>(read: (pageToken: string) => Promise<P>, items: (page: P) => T[]): Promise<T[]> {
  const all: T[] = [];
  let token = "";
  do {
    const page = await read(token);
    all.push(...items(page));
    token = page.nextPageToken;
  } while (token !== "");
  return all;
}
