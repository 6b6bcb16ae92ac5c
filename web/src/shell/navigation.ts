import { signal } from "@preact/signals";
import { formatRoute, parseRoute, type Route } from "./route.ts";

/** The place in the page. Follows the address: back, forward, links, and typed addresses. */
export const route = signal<Route>(parseRoute(location.hash));

window.addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

/** Goes to a place. With `replace` the history does not get another entry. */
export function go(to: Route, options: { replace?: boolean } = {}): void {
  const fragment = formatRoute(to);
  if (fragment !== location.hash) {
    if (options.replace) history.replaceState(null, "", fragment);
    else history.pushState(null, "", fragment);
  }
  route.value = to;
}

/** Removes what the address carries besides the place: an invite code, an error of a sign-in. */
export function cleanAddress(): void {
  history.replaceState(null, "", location.pathname);
  route.value = { view: "home" };
}

/** Returns a link to a message or a conversation that others can open. */
export function linkTo(to: Route): string {
  return new URL(formatRoute(to), location.href).href;
}
