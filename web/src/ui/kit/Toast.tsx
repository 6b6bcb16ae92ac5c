import { signal } from "@preact/signals";
import { texts } from "../../texts/index.ts";
import { Button, IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

export interface Toast {
  text: string;
  kind?: "info" | "error";
  action?: { label: string; run: () => void };
  /** Milliseconds until it leaves by itself. Default: 6,000; 12,000 with an action or an error. */
  lasts?: number;
}

const MOST = 3;
let next = 1;
const shown = signal<readonly (Toast & { id: number })[]>([]);

/** Shows a short message at the lower edge, and returns a function that removes it. */
export function toast(added: Toast): () => void {
  const id = next++;
  const remove = () => {
    shown.value = shown.value.filter((each) => each.id !== id);
  };
  shown.value = [...shown.value, { ...added, id }].slice(-MOST);
  window.setTimeout(remove, added.lasts ?? (added.action || added.kind === "error" ? 12_000 : 6_000));
  return remove;
}

/** The messages at the lower edge; screen readers read each new one when they are silent. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((each) => {
        const remove = () => {
          shown.value = shown.value.filter((other) => other.id !== each.id);
        };
        return (
          <div key={each.id} class={`toast ${each.kind ?? "info"}`}>
            {each.kind === "error" && <Icon name="alert" />}
            <span class="toast-text" dir="auto">
              {each.text}
            </span>
            {each.action && (
              <Button
                onClick={() => {
                  remove();
                  each.action?.run();
                }}
              >
                {each.action.label}
              </Button>
            )}
            <IconButton icon="close" label={texts.value.common.close} onClick={remove} />
          </div>
        );
      })}
    </div>
  );
}
