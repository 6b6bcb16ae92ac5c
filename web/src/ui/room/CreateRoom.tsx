import { useState } from "preact/hooks";
import { goTo } from "../../shell/places.ts";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { closeDialog } from "../frame/dialogs.ts";
import { Button, Check, Dialog, DialogActions, DialogBody, Field } from "../kit/index.ts";

const MAX_TOPIC = 250;

/** Creates a room, and goes to it. */
export function CreateRoom() {
  const engine = useEngine();
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [inviteOnly, setInviteOnly] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const t = texts.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const wanted = name.trim().replace(/^#/u, "");
    if (!wanted) return setError(t.signIn.nameMissing);
    setBusy(true);
    try {
      const key = await engine.createRoom(wanted, topic.trim(), inviteOnly);
      closeDialog();
      goTo(key);
    } catch (failed) {
      setError(errorText(failed));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={t.rooms.createTitle} onClose={closeDialog}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <DialogBody>
          <Field label={t.rooms.name} value={name} onValue={setName} error={error} autocomplete="off" data-autofocus />
          <Field label={t.rooms.topic} value={topic} onValue={setTopic} maxLength={MAX_TOPIC} autocomplete="off" />
          <Check label={t.rooms.private} hint={t.rooms.privateHint} checked={inviteOnly} onValue={setInviteOnly} />
          <DialogActions>
            <Button onClick={closeDialog}>{t.common.cancel}</Button>
            <Button kind="primary" type="submit" busy={busy}>
              {t.rooms.create}
            </Button>
          </DialogActions>
        </DialogBody>
      </form>
    </Dialog>
  );
}
