import { useLayoutEffect } from "preact/hooks";
import type { Engine } from "../engine/api.ts";
import { open } from "../ui/frame/dialogs.ts";
import { composes } from "./composing.ts";
import { route } from "./navigation.ts";
import { conversationOf, goTo } from "./places.ts";
import { change, settings } from "./settings.ts";

/** Listens to the keys that work in all places. */
export function useKeys(engine: Engine): void {
  // Before the first drawing: a key that is pressed as soon as the page is there counts.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || composes(event)) return;
      if (handle(event, engine)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [engine]);
}

function handle(event: KeyboardEvent, engine: Engine): boolean {
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    open.value = { dialog: open.value.dialog === "palette" ? "none" : "palette" };
    return true;
  }
  if (open.value.dialog !== "none") return false;
  if (event.altKey && !control && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    step(engine, event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
    return true;
  }
  if (event.altKey && !control && event.code === "KeyP") {
    change({ rightColumn: !settings.value.rightColumn });
    return true;
  }
  if (event.key === "?" && !control && !writes(event.target)) {
    open.value = { dialog: "keys" };
    return true;
  }
  return false;
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Goes to the next conversation of the list in a direction, or to the next one with unread messages. */
function step(engine: Engine, by: 1 | -1, unreadOnly: boolean): void {
  const all = engine.conversations.peek();
  const here = conversationOf(route.peek());
  const at = all.findIndex((each) => each.key === here);
  for (let offset = 1; offset <= all.length; offset++) {
    const start = at < 0 && by < 0 ? 0 : at;
    const next = all[(start + by * offset + all.length * 2) % all.length];
    if (next && (!unreadOnly || next.unread > 0)) return goTo(next.key);
  }
}
