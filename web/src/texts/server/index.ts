import { computed, effect, signal } from "@preact/signals";

import { language, type Language } from "../index.ts";
import { en, type ServerTexts } from "./en.ts";

export type { ServerTexts };

const loaders: Record<Language, () => Promise<ServerTexts>> = {
  en: () => Promise.resolve(en),
  de: async () => (await import("./de.ts")).de,
  ja: async () => (await import("./ja.ts")).ja,
};

const loaded = signal<{ language: Language; texts: ServerTexts }>({ language: "en", texts: en });

effect(() => {
  const wanted = language.value;
  loaders[wanted]().then(
    (texts) => {
      if (language.peek() === wanted) loaded.value = { language: wanted, texts };
    },
    // The texts that are shown stay; the next choice of a language loads again.
    (error: unknown) => console.warn("The texts of the server page were not loaded.", error),
  );
});

/** The texts of the server page in the chosen language. */
export const serverTexts = computed(() => loaded.value.texts);
