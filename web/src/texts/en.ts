import { pluralOf } from "./plural.js";

const plural = pluralOf("en");

/** Every text of the page, in English. The other languages have the same type. */
export const en = {
  common: {
    close: "Close",
    cancel: "Cancel",
    save: "Save",
    back: "Back",
    retry: "Try again",
    delete: "Delete",
    remove: "Remove",
    loading: "Loading…",
    more: "More",
    guest: "guest",
    you: "you",
    unknownError: "The request failed. Try again.",
    offline: "The server does not answer. Check your connection, then try again.",
    retryIn: (seconds: number) => `Try again in ${plural(seconds, { one: "# second", other: "# seconds" })}.`,
  },
};

export type Texts = typeof en;
