// The part of the state that survives a reload: own messages without an acknowledgement, and drafts.

import type { ChatError, ConversationKey, Draft } from "./api.ts";

/** An own message that the server has not acknowledged. */
export interface Unsent {
  readonly requestId: string;
  /** The number of the user who sends it. */
  readonly user: number;
  readonly key: ConversationKey;
  readonly text: string;
  readonly replyTo: number;
  /** The time of sending, ms since 1970. */
  readonly time: number;
  /** The refusal of the server: the message is sent again only if the user asks for it. */
  readonly refusal?: Refusal;
}

/** A `ChatError` as a plain value, which IndexedDB can store. */
export type Refusal = Pick<ChatError, "reason" | "message" | "metadata">;

/** A store of one origin; all tabs share it. Values are gone only by `clear` or by their own removal. */
export interface Store {
  unsent(user: number): Promise<readonly Unsent[]>;
  putUnsent(message: Unsent): Promise<void>;
  removeUnsent(requestId: string): Promise<void>;
  drafts(user: number): Promise<ReadonlyMap<ConversationKey, Draft>>;
  /** Stores a draft; an empty text removes it. */
  putDraft(user: number, key: ConversationKey, draft: Draft): Promise<void>;
  clear(): Promise<void>;
}

/** A store that ends with the process, for node and for browsers without IndexedDB. */
export class MemoryStore implements Store {
  readonly #drafts = new Map<string, Draft>();
  readonly #unsent: Map<string, Unsent>;

  /** Several stores of one map share the unsent messages. */
  constructor(unsent = new Map<string, Unsent>()) {
    this.#unsent = unsent;
  }

  async unsent(user: number): Promise<readonly Unsent[]> {
    return [...this.#unsent.values()].filter((each) => each.user === user);
  }
  async putUnsent(message: Unsent): Promise<void> {
    this.#unsent.set(message.requestId, message);
  }
  async removeUnsent(requestId: string): Promise<void> {
    this.#unsent.delete(requestId);
  }
  async drafts(user: number): Promise<ReadonlyMap<ConversationKey, Draft>> {
    return draftsOf(user, this.#drafts);
  }
  async putDraft(user: number, key: ConversationKey, draft: Draft): Promise<void> {
    if (draft.text === "") this.#drafts.delete(`${user} ${key}`);
    else this.#drafts.set(`${user} ${key}`, draft);
  }
  async clear(): Promise<void> {
    this.#unsent.clear();
    this.#drafts.clear();
  }
}

function draftsOf(user: number, all: Iterable<[string, Draft]>): Map<ConversationKey, Draft> {
  const prefix = `${user} `;
  const found = new Map<ConversationKey, Draft>();
  for (const [key, draft] of all) {
    if (key.startsWith(prefix)) found.set(key.slice(prefix.length) as ConversationKey, draft);
  }
  return found;
}

/** A store in IndexedDB. */
export class BrowserStore implements Store {
  private constructor(private readonly database: IDBDatabase) {}

  /** Opens the store; the name differs for each path, since a host may serve several chats. */
  static async open(name: string): Promise<Store> {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("unsent", { keyPath: "requestId" });
      request.result.createObjectStore("drafts");
    };
    return new BrowserStore(await result(request));
  }

  async unsent(user: number): Promise<readonly Unsent[]> {
    const all = (await result(this.#table("unsent", "readonly").getAll())) as Unsent[];
    return all.filter((each) => each.user === user).sort((a, b) => a.time - b.time);
  }
  async putUnsent(message: Unsent): Promise<void> {
    await result(this.#table("unsent", "readwrite").put(message));
  }
  async removeUnsent(requestId: string): Promise<void> {
    await result(this.#table("unsent", "readwrite").delete(requestId));
  }
  async drafts(user: number): Promise<ReadonlyMap<ConversationKey, Draft>> {
    const table = this.#table("drafts", "readonly");
    const [keys, values] = await Promise.all([result(table.getAllKeys()), result(table.getAll())]);
    return draftsOf(user, keys.map((key, at) => [String(key), values[at] as Draft]));
  }
  async putDraft(user: number, key: ConversationKey, draft: Draft): Promise<void> {
    const table = this.#table("drafts", "readwrite");
    if (draft.text === "") await result(table.delete(`${user} ${key}`));
    else await result(table.put(draft, `${user} ${key}`));
  }
  async clear(): Promise<void> {
    await result(this.#table("unsent", "readwrite").clear());
    await result(this.#table("drafts", "readwrite").clear());
  }

  #table(name: string, mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(name, mode).objectStore(name);
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
