import { effect, signal } from "@preact/signals";
import type { Arrival, Engine } from "../engine/api.ts";
import { texts } from "../texts/index.ts";
import { drawIcon } from "./favicon.ts";
import { goTo } from "./places.ts";
import { settings, type Settings } from "./settings.ts";
import { playTone } from "./sound.ts";

/** True while the page offers notifications: something personal came while the page was hidden. */
export const offered = signal(false);

/** Asks the browser for the permission. Call it from a click only. Resolves to true if it is given. */
export async function askForNotifications(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

/** Returns whether a message shows a notification, by the settings. */
export function notifies(arrival: Pick<Arrival, "key" | "personal">, chosen: Pick<Settings, "notifications" | "muted">): boolean {
  if (chosen.notifications === "off" || chosen.muted.includes(arrival.key)) return false;
  return chosen.notifications === "all" || arrival.personal;
}

/** Shows notifications, the count in the title, and the mark on the icon, as long as the page lives. */
export function startNotifications(engine: Engine): void {
  engine.onArrival((arrival) => {
    const seen = document.visibilityState === "visible" && document.hasFocus();
    if (seen) return;
    if (notifies(arrival, settings.value)) show(arrival);
    else if (arrival.personal && mayOffer()) offered.value = true;
  });
  effect(() => showCount(engine));
}

function mayOffer(): boolean {
  return settings.value.notifications === "off" && "Notification" in window && Notification.permission === "default";
}

function show(arrival: Arrival): void {
  if (settings.value.sound) void playTone();
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const { key, title, message } = arrival;
  const name = message.author.name;
  const head = key.startsWith("#") ? texts.value.notify.from(name, title) : name;
  try {
    // One tag for a message: several tabs of one browser show it once.
    const shown = new Notification(head, { body: message.text.slice(0, 200), tag: `${key}/${message.sequence}`, icon: "icon-192.png" });
    shown.onclick = () => {
      window.focus();
      goTo(key, message.sequence);
      shown.close();
    };
  } catch (error) {
    // Chrome on Android has the constructor, but only a service worker may show notifications there.
    if (!(error instanceof TypeError)) throw error;
    void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(head, { body: message.text.slice(0, 200), tag: `${key}/${message.sequence}` }));
  }
}

/** Counts personal messages of conversations that are not muted, and shows the number. */
function showCount(engine: Engine): void {
  const { muted } = settings.value;
  let count = 0;
  let others = false;
  for (const each of engine.conversations.value) {
    if (each.unread === 0 || muted.includes(each.key)) continue;
    count += each.user ? each.unread : each.mentions;
    others = true;
  }
  document.title = count > 0 ? `(${count > 999 ? "999+" : count}) chat-grpc` : "chat-grpc";
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (icon) icon.href = count > 0 || others ? drawIcon(count, others) : "icon.svg";
}
