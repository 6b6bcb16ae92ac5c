import type { Route } from "../shell/route.ts";
import { talkAt } from "./talk/Middle.tsx";
import { ServerView } from "./server/ServerView.tsx";

/** The view in the middle column of a route. */
export function Middle({ at }: { at: Route }) {
  if (at.view === "server") return <ServerView part={at.part} />;
  return talkAt(at);
}
