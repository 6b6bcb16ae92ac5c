// The session: one stream at a time, opened again after it was lost, and resumed where it ended.

import { signal } from "@preact/signals-core";

import { Recovery, type Event, type Welcome } from "../gen/chat_grpc/v1/chat_pb.ts";
import { ChatFailure, milliseconds } from "../wire/errors.ts";
import type { Request, Stream, Wire } from "../wire/wire.ts";
import type { Connection } from "./api.ts";
import type { Position } from "./tab.ts";

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
const OPEN_TIMEOUT_MS = 15_000;
const SIGNED_OUT = new Set(["NOT_SIGNED_IN", "BAD_CREDENTIALS", "TOKEN_EXPIRED", "TOKEN_REVOKED", "CERTIFICATE_UNKNOWN", "CERTIFICATE_MISMATCH"]);
const STOPPED = new Set(["KICKED", "REPLACED", "BANNED", "NOT_ALLOWED", "NAME_INVALID", "FIELD_INVALID", "HELLO_REQUIRED"]);

/** The receiver of the events of all streams: each stored event once, in log order. */
export interface SessionHandlers {
  /** A stream began; `fresh` if events may be missing, so that everything must be read again. */
  welcomed(welcome: Welcome, fresh: boolean): void;
  event(event: Event): void;
  /** The stream caught up: after its welcome, or after it fell behind, when presence may be missing. */
  live(): void;
  signedOut(): void;
}

/** The session of a page. Belongs to one event loop. */
export class Session {
  readonly connection = signal<Connection>({ state: "starting" });
  /** The newest sequence of the log that this session knows of. */
  head = 0;
  #logId = "";
  #incarnation = "";
  #position = 0;
  #stream: Stream | undefined;
  #welcomed = false;
  #attempt = 0;
  #lastReceived = 0;
  #silence = OPEN_TIMEOUT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #comeBack: number | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly agent: string,
    private readonly handlers: SessionHandlers,
  ) {}

  /** Opens a stream now, unless one is open that is alive. */
  connect(): void {
    if (this.#stream && Date.now() - this.#lastReceived < this.#silence) return;
    this.#open();
  }

  /** Ends the stream; `connect` starts again, and resumes. */
  end(connection: Connection): void {
    this.#drop();
    this.connection.value = connection;
  }

  /** The position up to which every event was taken; undefined before the first welcome. */
  get position(): Position | undefined {
    return this.#logId ? { logId: this.#logId, incarnation: this.#incarnation, sequence: this.#position } : undefined;
  }

  /** Lets the next stream resume at a position. */
  resumeAt({ logId, incarnation, sequence }: Position): void {
    this.#logId = logId;
    this.#incarnation = incarnation;
    this.#position = this.head = sequence;
  }

  /** Forgets the position: the next stream starts at the head. */
  forget(): void {
    this.#logId = "";
    this.#position = this.head = 0;
  }

  /** Sends a request; returns false if there is no stream, or it has no welcome yet. */
  send(request: Request): boolean {
    if (!this.#stream || !this.#welcomed || this.#comeBack !== undefined) return false;
    this.#stream.send(request);
    return true;
  }

  #open(): void {
    this.#drop();
    this.#attempt += 1;
    this.#lastReceived = Date.now();
    this.#silence = OPEN_TIMEOUT_MS;
    this.connection.value = { state: "connecting", since: Date.now(), attempt: this.#attempt };
    const stream = this.wire.connect({
      opened: () => stream.send(this.#hello()),
      received: (events) => this.#received(events),
      ended: (failure) => this.#ended(failure),
    });
    this.#stream = stream;
    // A connection that is cut without a close is silent: heartbeats show that it is alive.
    this.#watch = setInterval(() => this.#checkSilence(), 1000);
  }

  #hello(): Request {
    const position = this.#logId ? { logId: this.#logId, resumeAfter: BigInt(this.#position), incarnation: this.#incarnation } : {};
    return { case: "hello", value: { agent: this.agent, ...position } };
  }

  #received(events: readonly Event[]): void {
    this.#lastReceived = Date.now();
    for (const event of events) this.#take(event);
  }

  #take(whole: Event): void {
    const { event, sequence } = whole;
    if (event.case === "welcome") return this.#welcome(event.value);
    if (event.case === "heartbeat") {
      this.head = Math.max(this.head, Number(event.value.headSequence));
      return;
    }
    if (event.case === "goAway") return this.#goAway(milliseconds(event.value.reconnectAfter) ?? 0, event.value.message);
    if (event.case === "caughtUp") {
      this.#position = Math.max(this.#position, Number(event.value.headSequence));
      this.head = Math.max(this.head, this.#position);
      this.#attempt = 0;
      if (this.connection.value.state !== "live") this.connection.value = { state: "live", since: Date.now() };
      return this.handlers.live();
    }
    if (sequence !== 0n) {
      if (Number(sequence) <= this.#position) return;
      this.#position = Number(sequence);
      this.head = Math.max(this.head, this.#position);
    }
    this.handlers.event(whole);
  }

  #welcome(welcome: Welcome): void {
    const fresh = welcome.recovery !== Recovery.COMPLETE;
    if (fresh) this.#position = Number(welcome.headSequence);
    if (welcome.recovery === Recovery.TRUNCATED) this.#position = Number(welcome.oldestSequence) - 1;
    this.head = Number(welcome.headSequence);
    this.#logId = welcome.logId;
    this.#incarnation = welcome.incarnation;
    this.#silence = (milliseconds(welcome.heartbeatInterval) ?? 15_000) * 1.5 + 2000;
    this.#welcomed = true;
    this.handlers.welcomed(welcome, fresh);
  }

  #goAway(wait: number, message: string): void {
    this.#comeBack = wait;
    // Answers to requests on the wire may still come: leave a little later than the server allows them.
    const stream = this.#stream;
    setTimeout(() => {
      if (stream === this.#stream) this.#ended(new ChatFailure("DRAINING", message));
    }, Math.min(wait, 1000));
  }

  #ended(failure: ChatFailure): void {
    const wait = this.#comeBack;
    this.#drop();
    const { reason, message } = failure;
    if (SIGNED_OUT.has(reason)) {
      this.connection.value = { state: "signed-out", reason, message };
      return this.handlers.signedOut();
    }
    if (STOPPED.has(reason)) {
      this.connection.value = { state: "stopped", reason, message };
      return;
    }
    const delay = wait ?? this.#delay();
    this.connection.value = { state: "waiting", reason, message, retryAt: Date.now() + delay, attempt: this.#attempt };
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  /** Doubles with each try; the jitter spreads the pages that a server lost at the same time. */
  #delay(): number {
    const most = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#attempt, 10));
    return most * (0.5 + Math.random() / 2);
  }

  #checkSilence(): void {
    if (Date.now() - this.#lastReceived > this.#silence) {
      this.#ended(new ChatFailure("OFFLINE", "The server sent nothing for too long."));
    }
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#stream?.close();
    this.#stream = undefined;
    this.#welcomed = false;
    this.#comeBack = undefined;
  }
}
