// Lists that the engine reads with a call, and keeps up to date with events: a list may be older than the newest events.

import { batch } from "@preact/signals-core";

/** The changes of the lists of a user. A list that is being read gets the changes that came meanwhile once more. */
export class Changes {
  readonly #reads = new Set<Array<() => void>>();

  /**
   * Makes a change now, and again after each read that is under way. A change that the list already has must
   * change nothing.
   */
  apply<T>(change: () => T): T {
    for (const made of this.#reads) made.push(change);
    return change();
  }

  /**
   * Reads a list, and calls `take` with it; then the changes that came meanwhile are made again, and `done` is called.
   * Rejects with the error of the read. A read that `clear` dropped calls nothing.
   */
  async read<T>(read: () => Promise<T>, take: (list: T) => void, done?: () => void): Promise<void> {
    const made: Array<() => void> = [];
    this.#reads.add(made);
    try {
      const list = await read();
      if (!this.#reads.has(made)) return;
      batch(() => {
        take(list);
        for (const change of made) change();
        done?.();
      });
    } catch (error) {
      if (this.#reads.has(made)) throw error;
    } finally {
      this.#reads.delete(made);
    }
  }

  /** Drops the lists that are being read: a later read begins, or another user or another log follows. */
  clear(): void {
    this.#reads.clear();
  }
}
