import type { ComponentChildren, HTMLAttributes, InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./Icon.tsx";

export interface FieldProps extends Omit<HTMLAttributes<HTMLInputElement>, "label" | "value"> {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  /** An error about this value; the input refers to it, so that screen readers read it. */
  error?: string | undefined;
  /** A button inside the input, at its end. */
  end?: ComponentChildren;
  type?: "text" | "password" | "email" | "search" | "number" | "date" | "url";
  name?: string;
  autocomplete?: string;
  required?: boolean;
  maxLength?: number;
  placeholder?: string;
  inputRef?: { current: HTMLInputElement | null };
}

/** An input with its label, its hint and its error. */
export function Field({ label, value, onValue, hint, error, end, type = "text", inputRef, ...rest }: FieldProps) {
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const attributes = { ...rest, type } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class={`field-input ${end ? "has-end" : ""}`}>
        <input
          {...attributes}
          {...(inputRef ? { ref: inputRef } : {})}
          id={id}
          class="input"
          value={value}
          dir={type === "text" ? "auto" : undefined}
          onInput={(event) => onValue(event.currentTarget.value)}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
        />
        {end}
      </div>
      {hint !== undefined && (
        <div id={`${id}-hint`} class="field-hint">
          {hint}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} class="field-error" role="alert">
          <Icon name="alert" />
          <span>{error}</span>
        </div>
      )}
    </div>
  );
}

export interface SelectProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  options: readonly (readonly [value: string, text: string])[];
  hint?: ComponentChildren;
}

/** A choice of one from a few. */
export function Select({ label, value, onValue, options, hint }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select
        id={id}
        class="input"
        value={value}
        aria-describedby={hint !== undefined ? `${id}-hint` : undefined}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <div id={`${id}-hint`} class="field-hint">
          {hint}
        </div>
      )}
    </div>
  );
}

export interface CheckProps {
  label: string;
  checked: boolean;
  onValue: (checked: boolean) => void;
  hint?: ComponentChildren;
  disabled?: boolean;
}

/** A checkbox with its label. */
export function Check({ label, checked, onValue, hint, disabled = false }: CheckProps) {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint !== undefined ? `${id}-hint` : undefined}
        onChange={(event) => onValue(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        {hint !== undefined && (
          <div id={`${id}-hint`} class="field-hint">
            {hint}
          </div>
        )}
      </div>
    </div>
  );
}
