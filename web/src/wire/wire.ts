// The server as the engine sees it: unary clients, and `Connect` over a WebSocket.

import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";

import { AccountService } from "../gen/chat_grpc/v1/account_pb.ts";
import { AdminService } from "../gen/chat_grpc/v1/admin_pb.ts";
import { ChatService, ConnectRequestSchema, ConnectResponseSchema, type Event } from "../gen/chat_grpc/v1/chat_pb.ts";
import { createClient } from "./call.ts";
import { ChatFailure, closeFailure } from "./errors.ts";

/** A request on the stream. */
export type Request = NonNullable<MessageInitShape<typeof ConnectRequestSchema>["request"]>;

/** The callbacks of a stream. `ended` is called once, and is the last call. */
export interface StreamHandlers {
  opened(): void;
  received(events: readonly Event[]): void;
  ended(failure: ChatFailure): void;
}

/** An open `Connect`. */
export interface Stream {
  send(request: Request): void;
  /** Ends the stream at once; no handler is called any more. */
  close(): void;
}

export interface Wire {
  readonly chat: Client<typeof ChatService>;
  readonly account: Client<typeof AccountService>;
  readonly admin: Client<typeof AdminService>;
  connect(handlers: StreamHandlers): Stream;
}

/** The part of the browser's WebSocket that the stream uses. */
export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

/** How a wire reaches the server; the defaults are those of a page. */
export interface WireOptions {
  /** The URL of the page: the services are beside it, also under a path. */
  readonly base: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly openSocket?: (url: string) => Socket;
}

/** Returns a wire to the server of a page. */
export function createWire(options: WireOptions): Wire {
  const base = new URL(".", options.base);
  const url = new URL("chat_grpc.v1.ChatService/Connect", base);
  url.protocol = base.protocol === "https:" ? "wss:" : "ws:";
  const open = options.openSocket ?? ((address) => new WebSocket(address) as unknown as Socket);
  return {
    chat: createClient(ChatService, base, options.fetch),
    account: createClient(AccountService, base, options.fetch),
    admin: createClient(AdminService, base, options.fetch),
    connect: (handlers) => new SocketStream(open(url.href), handlers),
  };
}

class SocketStream implements Stream {
  #handlers: StreamHandlers | undefined;

  constructor(
    private readonly socket: Socket,
    handlers: StreamHandlers,
  ) {
    this.#handlers = handlers;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#handlers?.opened();
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => this.#end(closeFailure(code, reason));
  }

  send(request: Request): void {
    this.socket.send(toBinary(ConnectRequestSchema, create(ConnectRequestSchema, { request })) as Uint8Array<ArrayBuffer>);
  }

  close(): void {
    this.#handlers = undefined;
    this.socket.close(1000);
  }

  #received(data: unknown): void {
    if (!this.#handlers) return;
    try {
      this.#handlers.received(fromBinary(ConnectResponseSchema, new Uint8Array(data as ArrayBuffer)).events);
    } catch (error) {
      this.socket.close(1000);
      this.#end(new ChatFailure("UNKNOWN", String(error)));
    }
  }

  #end(failure: ChatFailure): void {
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.ended(failure);
  }
}
