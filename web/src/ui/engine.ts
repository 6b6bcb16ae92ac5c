import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ChatError, Engine } from "../engine/api.ts";
import { texts } from "../texts/index.ts";

export const EngineContext = createContext<Engine | undefined>(undefined);

/** Returns the engine of the page. */
export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (!engine) throw new Error("There is no EngineContext above this component.");
  return engine;
}

function isChatError(error: unknown): error is ChatError {
  return error instanceof Error && "reason" in error;
}

/** Returns the reason of an error, or `UNKNOWN`. */
export function reasonOf(error: unknown): string {
  return isChatError(error) ? error.reason : "UNKNOWN";
}

/** Returns the text of a reason in the language of the page; undefined if it has none. */
export function reasonText(reason: string): string | undefined {
  const all: Record<string, string> = texts.value.reasons;
  return Object.hasOwn(all, reason) ? all[reason] : undefined;
}

/** Returns a sentence for a failed action. An unknown reason keeps the server's own sentence. */
export function errorText(error: unknown): string {
  const { common } = texts.value;
  if (!isChatError(error)) return common.unknownError;
  if (error.reason === "OFFLINE") return common.offline;
  const text = reasonText(error.reason) ?? (error.message || common.unknownError);
  if (error.reason !== "RATE_LIMITED" || error.retryAfter === undefined) return text;
  return `${text} ${common.retryIn(Math.max(1, Math.ceil(error.retryAfter / 1000)))}`;
}
