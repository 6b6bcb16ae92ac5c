import { toast } from "../kit/index.ts";
import { errorText } from "./admin.ts";

/** Tells that a change was carried out, and reads its list again; or tells why it failed. */
export async function carryOut(change: Promise<unknown>, done: string, reload: () => void): Promise<void> {
  try {
    await change;
    toast({ text: done });
    reload();
  } catch (error) {
    toast({ kind: "error", text: errorText(error) });
  }
}
