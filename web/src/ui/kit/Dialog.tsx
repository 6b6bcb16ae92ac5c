import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { texts } from "../../texts/index.ts";
import { IconButton } from "./Button.tsx";

export interface DialogProps {
  title: string;
  onClose: () => void;
  wide?: boolean;
  class?: string;
  /** False hides the head with the title; the title then only names the dialog. */
  head?: boolean;
  children: ComponentChildren;
}

/**
 * A modal dialog. The browser keeps the focus inside, closes it by Escape, and gives the focus
 * back to the element that had it.
 */
export function Dialog({ title, onClose, wide = false, class: extra = "", head = true, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the next key arrives: letters that are typed right after Ctrl-K belong to the dialog.
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (!shown) return;
    const before = document.activeElement;
    shown.showModal();
    shown.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      shown.close();
      if (!(before instanceof HTMLElement) || !before.isConnected) return;
      before.focus();
      // While the dialog is still drawn, Chromium may focus a field without a caret, and drop what is typed.
      requestAnimationFrame(() => {
        if (document.activeElement !== before) return;
        before.blur();
        before.focus();
      });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${wide ? "wide" : ""} ${extra}`}
      {...(head ? { "aria-labelledby": id } : { "aria-label": title })}
      onCancel={(event) => {
        // The state of the page decides, so that the element and the page never disagree.
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {head && (
        <div class="dialog-head">
          <h2 id={id} class="dialog-title truncate" dir="auto">
            {title}
          </h2>
          <IconButton icon="close" label={texts.value.common.close} onClick={onClose} />
        </div>
      )}
      {children}
    </dialog>
  );
}

/** The part of a dialog that scrolls. */
export function DialogBody({ children, class: extra = "" }: { children: ComponentChildren; class?: string }) {
  return <div class={`dialog-body ${extra}`}>{children}</div>;
}

/** The buttons at the end of a dialog, the main one last. */
export function DialogActions({ children }: { children: ComponentChildren }) {
  return <div class="dialog-actions">{children}</div>;
}
