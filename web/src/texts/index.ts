import { computed, signal } from "@preact/signals";
import { en, type Texts } from "./en.ts";

export type { Texts };

/** The languages of the page, each in its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", ja: "日本語" } as const;
export type Language = keyof typeof LANGUAGES;

const loaders: Record<Language, () => Promise<Texts>> = {
  en: () => Promise.resolve(en),
  de: async () => (await import("./de.ts")).de,
  ja: async () => (await import("./ja.ts")).ja,
};

const current = signal<{ language: Language; texts: Texts }>({ language: "en", texts: en });

/** The texts of the chosen language. */
export const texts = computed(() => current.value.texts);

/** The chosen language, for `lang` of the page. */
export const language = computed(() => current.value.language);

/** The locale for `Intl`: the chosen language, in the region that the browser prefers for it. */
export const intlLocale = computed(() => regionOf(current.value.language, navigator.languages));

/** Returns the first tag of a list of the browser that has a language, or the language itself. */
export function regionOf(chosen: Language, wanted: readonly string[]): string {
  return wanted.find((each) => each.toLowerCase().split("-")[0] === chosen) ?? chosen;
}

/** Returns the first language of a list of the browser that the page has, or English. */
export function languageOf(wanted: readonly string[]): Language {
  for (const each of wanted) {
    const base = each.toLowerCase().split("-")[0] ?? "";
    if (base in LANGUAGES) return base as Language;
  }
  return "en";
}

/** Loads a language, and then shows it. If it cannot be loaded, the old one stays and this rejects. */
export async function setLanguage(chosen: Language): Promise<void> {
  current.value = { language: chosen, texts: await loaders[chosen]() };
}
