import { roomKey, userKey, type ConversationKey } from "../engine/api.ts";
import { go } from "./navigation.ts";
import type { Route } from "./route.ts";

/** Returns the route of a conversation, or of a message in it. */
export function routeOf(key: ConversationKey, message?: number): Route {
  const at = message === undefined ? {} : { message };
  return key.startsWith("#") ? { view: "room", room: key.slice(1), ...at } : { view: "direct", number: Number(key.slice(1)), ...at };
}

/** Returns the conversation of a route; undefined if the route has none. */
export function conversationOf(at: Route): ConversationKey | undefined {
  if (at.view === "room") return roomKey(at.room);
  return at.view === "direct" ? userKey(at.number) : undefined;
}

/** Goes to a conversation, or to a message in it. */
export function goTo(key: ConversationKey, message?: number): void {
  go(routeOf(key, message));
}
