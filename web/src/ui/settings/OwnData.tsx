import { useState } from "preact/hooks";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { closeDialog } from "../frame/dialogs.ts";
import { Button, Check, DialogActions, Field } from "../kit/index.ts";

/** Downloads everything that the server keeps of the user, and deletes the account. */
export function OwnData({ guest }: { guest: boolean }) {
  const engine = useEngine();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const t = texts.value.settings;
  const download = async () => {
    setBusy(true);
    try {
      offerFile("chat-grpc-export.jsonl", `${(await engine.exportData()).join("\n")}\n`);
      setError(undefined);
    } catch (failed) {
      setError(errorText(failed));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="settings-part">
      <h3>{t.ownData}</h3>
      {error && (
        <p class="notice error" role="alert">
          {error}
        </p>
      )}
      <DialogActions>
        <Button icon="download" busy={busy} onClick={() => void download()}>
          {t.download}
        </Button>
        {!asked && (
          <Button icon="trash" onClick={() => setAsked(true)}>
            {guest ? t.leaveServer : t.deleteAccount}
          </Button>
        )}
      </DialogActions>
      {asked && <Deletion guest={guest} onCancel={() => setAsked(false)} />}
    </section>
  );
}

/** Asks for the password and for the fate of the messages. */
function Deletion({ guest, onCancel }: { guest: boolean; onCancel: () => void }) {
  const engine = useEngine();
  const [password, setPassword] = useState("");
  const [messages, setMessages] = useState(false);
  const [error, setError] = useState<string>();
  const t = texts.value;
  const run = async (event: Event) => {
    event.preventDefault();
    try {
      await engine.deleteAccount(password, messages);
      closeDialog();
    } catch (failed) {
      setError(errorText(failed));
    }
  };
  return (
    <form class="settings-part" noValidate onSubmit={(event) => void run(event)}>
      <p class="notice warning" role="alert">
        {t.settings.deleteNote}
      </p>
      {!guest && <Field label={t.settings.oldPassword} type="password" autocomplete="current-password" value={password} onValue={setPassword} error={error} />}
      {guest && error && <p class="notice error">{error}</p>}
      <Check label={t.settings.deleteMessages} checked={messages} onValue={setMessages} />
      <DialogActions>
        <Button onClick={onCancel}>{t.common.cancel}</Button>
        <Button kind="danger" type="submit">
          {guest ? t.settings.leaveServer : t.settings.deleteAccount}
        </Button>
      </DialogActions>
    </form>
  );
}

/** Lets the browser save a text as a file. */
function offerFile(name: string, content: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/jsonl" }));
  link.download = name;
  link.click();
  // The download has begun in the next turn; then the memory may go.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
