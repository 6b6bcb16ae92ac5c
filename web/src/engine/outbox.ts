// The outbox: own requests until they are answered. A lost stream or a reload repeats them under the same
// request id, so that each is carried out once.

import type { ChatFailure } from "../wire/errors.ts";
import type { Request } from "../wire/wire.ts";

interface Waiting {
  readonly request: Request;
  readonly resolve: (sequence: number, time: number) => void;
  readonly reject: (failure: ChatFailure) => void;
}

/** Reasons that pass: the same request is sent again after a while. */
export const PASSING = new Set(["RATE_LIMITED", "STORAGE_FAILED", "DRAINING", "WRITE_FAILED"]);
const PASSING_DELAY_MS = 1000;

/** Returns an id that no other tab, reload or device uses. */
export function newRequestId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  readonly #waiting = new Map<string, Waiting>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** `send` returns false if there is no stream; the request then waits for `resend`. */
  constructor(private readonly send: (request: Request) => boolean) {}

  /** Adds a request, and sends it if there is a stream. One of `resolve` and `reject` is called once. */
  add(id: string, request: Request, resolve: Waiting["resolve"], reject: Waiting["reject"]): void {
    this.#waiting.set(id, { request, resolve, reject });
    this.send(request);
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Sends everything again, in order, on a new stream. */
  resend(): void {
    for (const { request } of this.#waiting.values()) this.send(request);
  }

  sent(id: string, sequence: number, time: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(sequence, time);
  }

  rejected(id: string, failure: ChatFailure): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (PASSING.has(failure.reason)) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (this.#waiting.get(id) === waiting) this.send(waiting.request);
      }, failure.retryAfter ?? PASSING_DELAY_MS);
      this.#timers.add(timer);
      return;
    }
    this.#waiting.delete(id);
    waiting.reject(failure);
  }

  /** Forgets everything; the requests are not answered. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }
}
