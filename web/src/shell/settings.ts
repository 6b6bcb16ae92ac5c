import { effect, signal } from "@preact/signals";
import { LANGUAGES, type Language } from "../texts/index.ts";

/** The settings of this browser. They hold no secret and nothing of others. */
export interface Settings {
  theme: "system" | "light" | "dark";
  textSize: "small" | "normal" | "large" | "huge";
  /** `auto` follows the languages of the browser. */
  language: "auto" | Language;
  notifications: "off" | "mentions" | "all";
  sound: boolean;
  rightColumn: boolean;
  /** The keys of conversations that neither notify nor count in the title. */
  muted: readonly string[];
}

const KEY = "chat-grpc.settings";

export const DEFAULTS: Settings = {
  theme: "system",
  textSize: "normal",
  language: "auto",
  notifications: "off",
  sound: false,
  rightColumn: true,
  muted: [],
};

const choices = {
  theme: ["system", "light", "dark"],
  textSize: ["small", "normal", "large", "huge"],
  language: ["auto", ...Object.keys(LANGUAGES)],
  notifications: ["off", "mentions", "all"],
} as const;

/** Returns the settings in a stored text. A value that is none of the choices becomes the default. */
export function parseSettings(stored: string | null): Settings {
  const settings = { ...DEFAULTS };
  const found = objectIn(stored);
  for (const [key, allowed] of Object.entries(choices)) {
    const value = found[key];
    if ((allowed as readonly unknown[]).includes(value)) Object.assign(settings, { [key]: value });
  }
  if (typeof found["sound"] === "boolean") settings.sound = found["sound"];
  if (typeof found["rightColumn"] === "boolean") settings.rightColumn = found["rightColumn"];
  const muted = found["muted"];
  if (Array.isArray(muted)) settings.muted = muted.filter((each) => typeof each === "string");
  return settings;
}

function objectIn(stored: string | null): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(stored ?? "{}");
    return typeof found === "object" && found !== null ? { ...found } : {};
  } catch (error) {
    // Another program wrote the key: the page starts with the defaults.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** True where the right column covers the messages: there it is open only as long as somebody wants to see it. */
const narrow = globalThis.matchMedia?.("(max-width: 1100px)") ?? { matches: false, addEventListener: () => undefined };

/** The settings, as the other tabs of this browser also see them. */
export const settings = signal<Settings>(DEFAULTS);

/** Changes some settings, in this tab and in the others. */
export function change(changed: Partial<Settings>): void {
  const kept = narrow.matches ? parseSettings(localStorage.getItem(KEY)).rightColumn : undefined;
  settings.value = { ...settings.value, ...changed };
  localStorage.setItem(KEY, JSON.stringify(kept === undefined ? settings.value : { ...settings.value, rightColumn: kept }));
}

/** Mutes the notifications of a conversation, or lets them through again. */
export function setMuted(key: string, muted: boolean): void {
  const others = settings.value.muted.filter((each) => each !== key);
  change({ muted: muted ? [...others, key] : others });
}

/** Closes the right column where it covers the messages. */
export function foldRight(): void {
  if (narrow.matches) settings.value = { ...settings.value, rightColumn: false };
}

/** Reads the settings, follows the other tabs, and shows theme and text size on the page. */
export function startSettings(): void {
  settings.value = parseSettings(localStorage.getItem(KEY));
  foldRight();
  narrow.addEventListener("change", () => {
    settings.value = { ...settings.value, rightColumn: parseSettings(localStorage.getItem(KEY)).rightColumn };
    foldRight();
  });
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    const { rightColumn } = settings.value;
    settings.value = { ...parseSettings(event.newValue), rightColumn };
  });
  effect(() => {
    const { theme, textSize } = settings.value;
    const page = document.documentElement.dataset;
    if (theme === "system") delete page["theme"];
    else page["theme"] = theme;
    page["textSize"] = textSize;
  });
}
