import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon.tsx";

type ButtonAttributes = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon" | "label">;

export interface ButtonProps extends ButtonAttributes {
  /** `primary` once in a view at most. */
  kind?: "normal" | "primary" | "danger" | "plain";
  type?: "button" | "submit";
  icon?: IconName;
  disabled?: boolean;
  /** True while the action runs: the button keeps the focus but does nothing. */
  busy?: boolean;
  wide?: boolean;
  children?: ComponentChildren;
}

/** A button with a text. */
export function Button({ kind = "normal", type = "button", icon, busy = false, wide = false, children, ...rest }: ButtonProps) {
  const { onClick, class: extra = "", ...attributes } = rest;
  return (
    <button
      {...attributes}
      type={type}
      class={`button ${kind} ${wide ? "wide" : ""} ${String(extra)}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        // A disabled button loses the focus; a busy one only ignores the click.
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends ButtonAttributes {
  icon: IconName;
  /** The name for screen readers, and the tooltip. */
  label: string;
  disabled?: boolean;
  children?: ComponentChildren;
}

/** A button with an icon only. */
export function IconButton({ icon, label, children, ...rest }: IconButtonProps) {
  const { class: extra = "", ...attributes } = rest;
  return (
    <button {...attributes} type="button" class={`icon-button ${String(extra)}`} aria-label={label} title={label}>
      <Icon name={icon} />
      {children}
    </button>
  );
}
