/**
 * The place in the page, as the fragment of its address: `#/room/NAME/SEQUENCE`,
 * `#/direct/NUMBER/SEQUENCE`, `#/search/QUERY`, `#/server/PART`. The fragment is never sent to the server.
 */
export type Route =
  | { view: "home" }
  | { view: "room"; room: string; message?: number }
  | { view: "direct"; number: number; message?: number }
  | { view: "search"; query: string }
  | { view: "server"; part: string };

const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER;
const MAX_NUMBER = 2 ** 31 - 1;

/** Returns the route of a fragment, with or without `#`. A fragment of another form is the home. */
export function parseRoute(fragment: string): Route {
  const parts = fragment.replace(/^#/u, "").split("/");
  if (parts.shift() !== "") return { view: "home" };
  const [view, first, second] = parts.map(decode);
  if (view === "server") return { view: "server", part: first ?? "" };
  if (!first) return { view: "home" };
  const message = sequenceOf(second);
  const at = message === undefined ? {} : { message };
  if (view === "room") return { view: "room", room: first, ...at };
  if (view === "direct" && /^[1-9]\d{0,9}$/u.test(first) && Number(first) <= MAX_NUMBER) {
    return { view: "direct", number: Number(first), ...at };
  }
  if (view === "search") return { view: "search", query: first };
  return { view: "home" };
}

/** Returns the fragment of a route, with `#`. */
export function formatRoute(route: Route): string {
  switch (route.view) {
    case "room":
      return `#/room/${encodeURIComponent(route.room)}${tail(route.message)}`;
    case "direct":
      return `#/direct/${route.number}${tail(route.message)}`;
    case "search":
      return `#/search/${encodeURIComponent(route.query)}`;
    case "server":
      return route.part ? `#/server/${encodeURIComponent(route.part)}` : "#/server";
    case "home":
      return "#/";
  }
}

function tail(message: number | undefined): string {
  return message === undefined ? "" : `/${message}`;
}

function sequenceOf(text: string | undefined): number | undefined {
  if (!text || !/^[1-9]\d{0,18}$/u.test(text)) return undefined;
  const sequence = Number(text);
  return sequence <= MAX_SEQUENCE ? sequence : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    // Somebody edited the address: `%` without two digits stands for itself.
    if (error instanceof URIError) return part;
    throw error;
  }
}

/** Returns the invite code of an address, from `#invite=CODE` or `?invite=CODE`; empty if it has none. */
export function inviteOf(address: { hash: string; search: string }): string {
  const inFragment = new URLSearchParams(address.hash.replace(/^#/u, "")).get("invite");
  return (inFragment ?? new URLSearchParams(address.search).get("invite") ?? "").trim();
}

/** Returns the code of an invite that somebody typed or pasted: the code itself, or a link with it. */
export function codeIn(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.includes("://") || !URL.canParse(trimmed)) return trimmed;
  const link = new URL(trimmed);
  const named = inviteOf(link);
  return named || decode(link.pathname.replace(/\/+$/u, "").split("/").pop() ?? "");
}

/** Returns the query with which an issuer sent the browser back; undefined if it did not. */
export function issuerAnswerOf(address: { search: string }): URLSearchParams | undefined {
  const query = new URLSearchParams(address.search);
  return query.has("state") && (query.has("code") || query.has("error")) ? query : undefined;
}
