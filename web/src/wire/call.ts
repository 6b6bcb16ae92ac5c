// Calls by POST in the Connect protocol, with binary messages. `@connectrpc/connect-web` does the same and more;
// it brings the JSON codecs, a seventh of the page's size, which nothing here uses.

import { create, fromBinary, toBinary, type DescMessage, type DescMethod, type DescService, type MessageInitShape } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { CallOptions, Client } from "@connectrpc/connect";

/** The deadline of a unary call, unless it has its own. A stream of responses has none: a backup takes its time. */
const TIMEOUT_MS = 30_000;
const END_OF_STREAM = 2;
/** Bytes before each message of a stream: flags and the length. */
const ENVELOPE = 5;

/** The form of an error in the Connect protocol. */
interface Body {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/** A call that failed. `code` is that of the Connect protocol, for example `permission_denied`; `unavailable` also
 *  stands for a server that does not answer. */
export class CallError extends Error {
  constructor(
    readonly code: string,
    message: string,
    private readonly details: NonNullable<Body["details"]> = [],
  ) {
    super(message);
    this.name = "CallError";
  }

  /** Returns the first detail of a type; undefined if there is none. */
  detail<Desc extends DescMessage>(schema: Desc) {
    const found = this.details.find((each) => each.type === schema.typeName);
    return found && fromBinary(schema, base64Decode(found.value));
  }

  static from(error: unknown): CallError {
    if (error instanceof CallError) return error;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DOMException && error.name === "TimeoutError") return new CallError("deadline_exceeded", message);
    if (error instanceof DOMException && error.name === "AbortError") return new CallError("canceled", message);
    // fetch() rejects with a TypeError if no answer came.
    return new CallError(error instanceof TypeError ? "unavailable" : "unknown", message);
  }
}

type Fetch = typeof globalThis.fetch;

/** Returns a client of a service whose methods are beside `base`. */
export function createClient<Service extends DescService>(service: Service, base: URL, fetcher: Fetch = fetch): Client<Service> {
  const client: Record<string, unknown> = {};
  for (const method of service.methods) {
    const url = new URL(`${service.typeName}/${method.name}`, base);
    const post = (kind: string, body: Uint8Array<ArrayBuffer>, options: CallOptions) => send(fetcher, url, kind, body, options);
    if (method.methodKind === "unary") client[method.localName] = (input: never, options: CallOptions = {}) => unary(post, method, input, options);
    else if (method.methodKind === "server_streaming") client[method.localName] = (input: never, options: CallOptions = {}) => stream(post, method, input, options);
  }
  return client as Client<Service>;
}

type Post = (kind: string, body: Uint8Array<ArrayBuffer>, options: CallOptions) => Promise<Response>;

async function send(fetcher: Fetch, url: URL, kind: string, body: Uint8Array<ArrayBuffer>, options: CallOptions): Promise<Response> {
  const { signal, timeoutMs = 0 } = options;
  const signals = [...(signal ? [signal] : []), ...(timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : [])];
  const headers = { "content-type": kind, "connect-protocol-version": "1", "x-chat-grpc-session": "cookie" };
  const response = await fetcher(url, { method: "POST", headers, body, signal: AbortSignal.any(signals) });
  if (!response.ok) throw await errorIn(response);
  return response;
}

async function errorIn(response: Response): Promise<CallError> {
  const unavailable = response.status >= 502 && response.status <= 504;
  if (response.headers.get("content-type")?.startsWith("application/json")) return errorOf((await response.json()) as Body);
  // A proxy in front of the server answered.
  return new CallError(unavailable ? "unavailable" : "unknown", `The answer has the HTTP status ${response.status}.`);
}

function errorOf(body: Body): CallError {
  return new CallError(body.code ?? "unknown", body.message ?? "", body.details);
}

function encode(schema: DescMessage, input: MessageInitShape<DescMessage>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(toBinary(schema, create(schema, input)));
}

async function unary(post: Post, method: DescMethod, input: MessageInitShape<DescMessage>, options: CallOptions) {
  try {
    const response = await post("application/proto", encode(method.input, input), { timeoutMs: TIMEOUT_MS, ...options });
    return fromBinary(method.output, new Uint8Array(await response.arrayBuffer()));
  } catch (error) {
    throw CallError.from(error);
  }
}

async function* stream(post: Post, method: DescMethod, input: MessageInitShape<DescMessage>, options: CallOptions) {
  try {
    const response = await post("application/connect+proto", enveloped(encode(method.input, input)), options);
    for await (const { flags, content } of envelopes(response)) {
      if ((flags & END_OF_STREAM) === 0) {
        yield fromBinary(method.output, content);
        continue;
      }
      const { error } = JSON.parse(new TextDecoder().decode(content)) as { error?: Body };
      if (error) throw errorOf(error);
      return;
    }
    throw new CallError("unavailable", "The stream ended early.");
  } catch (error) {
    throw CallError.from(error);
  }
}

function enveloped(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(ENVELOPE + content.length);
  new DataView(framed.buffer).setUint32(1, content.length);
  framed.set(content, ENVELOPE);
  return framed;
}

/** Yields the messages of a stream, as they arrive. A reader that stops cancels the stream. */
async function* envelopes(response: Response): AsyncGenerator<{ flags: number; content: Uint8Array }> {
  const reader = response.body?.getReader();
  if (!reader) return;
  let kept = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const joined = new Uint8Array(kept.length + value.length);
      joined.set(kept);
      joined.set(value, kept.length);
      let at = 0;
      while (joined.length - at >= ENVELOPE) {
        const end = at + ENVELOPE + new DataView(joined.buffer).getUint32(at + 1);
        if (end > joined.length) break;
        yield { flags: joined[at] ?? 0, content: joined.subarray(at + ENVELOPE, end) };
        at = end;
      }
      kept = joined.slice(at);
    }
  } finally {
    await reader.cancel();
  }
}
