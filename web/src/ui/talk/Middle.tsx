import { conversationOf } from "../../shell/places.ts";
import type { Route } from "../../shell/route.ts";
import { Conversation } from "./Conversation.tsx";
import { SearchPanel } from "./SearchPanel.tsx";

/** The middle column of a conversation or a search; null for any other place. */
export function talkAt(route: Route) {
  if (route.view === "search") return <SearchPanel initial={route.query} />;
  const key = conversationOf(route);
  if (key === undefined) return null;
  const message = route.view === "room" || route.view === "direct" ? route.message : undefined;
  return <Conversation key={key} of={key} message={message} />;
}
