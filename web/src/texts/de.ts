import type { Texts } from "./en.js";
import { pluralOf } from "./plural.js";

const plural = pluralOf("de");

/** Every text of the page, in German. */
export const de: Texts = {
  common: {
    close: "Schließen",
    cancel: "Abbrechen",
    save: "Speichern",
    back: "Zurück",
    retry: "Erneut versuchen",
    delete: "Löschen",
    remove: "Entfernen",
    loading: "Wird geladen …",
    more: "Mehr",
    guest: "Gast",
    you: "du",
    unknownError: "Die Anfrage ist fehlgeschlagen. Versuche es erneut.",
    offline: "Der Server antwortet nicht. Prüfe die Verbindung und versuche es erneut.",
    retryIn: (seconds) => `Versuche es in ${plural(seconds, { one: "# Sekunde", other: "# Sekunden" })} erneut.`,
  },
};
