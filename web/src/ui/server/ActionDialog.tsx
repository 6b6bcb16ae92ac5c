import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Button, Dialog, DialogActions, DialogBody } from "../kit/index.ts";
import { texts } from "../../texts/index.ts";
import { errorText } from "./admin.ts";

export interface ActionDialogProps {
  title: string;
  note?: string;
  confirm: string;
  danger?: boolean;
  /** Does the action; the dialog stays open with the error if it rejects. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
  children?: ComponentChildren;
}

/** A form in a dialog that does one action at the server. */
export function ActionDialog({ title, note, confirm, danger = false, onConfirm, onClose, children }: ActionDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setError("");
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(errorText(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogBody>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          {note !== undefined && <p>{note}</p>}
          {children}
          {error !== "" && (
            <p class="notice error" role="alert">
              {error}
            </p>
          )}
          <DialogActions>
            <Button onClick={onClose}>{texts.value.common.cancel}</Button>
            <Button type="submit" kind={danger ? "danger" : "primary"} busy={busy}>
              {confirm}
            </Button>
          </DialogActions>
        </form>
      </DialogBody>
    </Dialog>
  );
}
