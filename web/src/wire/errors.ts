// Errors of the contract: a status of a unary call, of the stream, or of one request on it.

import type { Duration } from "@bufbuild/protobuf/wkt";

import type { ChatError } from "../engine/api.ts";
import type { RequestError } from "../gen/chat_grpc/v1/chat_pb.ts";
import { CallError } from "./call.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";

/** A refusal of the server, or a failure to reach it. */
export class ChatFailure extends Error implements ChatError {
  constructor(
    readonly reason: string,
    message: string,
    readonly metadata: Readonly<Record<string, string>> = {},
    readonly retryAfter: number | undefined = undefined,
  ) {
    super(message);
    this.name = "ChatFailure";
  }
}

export function milliseconds(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** Returns the error of a unary call. */
export function callFailure(error: unknown): ChatFailure {
  if (error instanceof ChatFailure) return error;
  const failure = CallError.from(error);
  const info = failure.detail(ErrorInfoSchema);
  const wait = milliseconds(failure.detail(RetryInfoSchema)?.retryDelay);
  if (info) return new ChatFailure(info.reason, failure.message, info.metadata, wait);
  if (failure.code === "canceled") return new ChatFailure("CANCELED", failure.message);
  const offline = ["unavailable", "deadline_exceeded"].includes(failure.code);
  return new ChatFailure(offline ? "OFFLINE" : "UNKNOWN", failure.message, {}, wait);
}

/** Returns the error of a `rejected` event. */
export function requestFailure(error: RequestError | undefined): ChatFailure {
  if (!error) return new ChatFailure("UNKNOWN", "The server refused the request without a reason.");
  return new ChatFailure(error.reason, error.message, error.metadata, milliseconds(error.retryAfter));
}

/** Returns the error of a closed WebSocket: its reason is `REASON: message`. */
export function closeFailure(code: number, reason: string): ChatFailure {
  const found = /^([A-Z_]+)(?:: (.*))?$/s.exec(reason);
  if (code >= 4000 && found) return new ChatFailure(found[1]!, found[2] ?? "");
  if (code >= 4000) return new ChatFailure("UNKNOWN", reason);
  return new ChatFailure("OFFLINE", `The connection was lost (WebSocket code ${code}).`);
}
