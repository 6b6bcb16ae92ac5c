import { signal } from "@preact/signals";
import type { ConversationKey } from "../../engine/api.ts";

/** The open dialog of the frame; one at a time. */
export type Open =
  | { dialog: "none" }
  | { dialog: "palette" | "keys" | "settings" | "browse" | "create" }
  | { dialog: "room"; key: ConversationKey };

export const open = signal<Open>({ dialog: "none" });

export function closeDialog(): void {
  open.value = { dialog: "none" };
}
