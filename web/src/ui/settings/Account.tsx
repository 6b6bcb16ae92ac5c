import { useEffect, useState } from "preact/hooks";
import { RegistrationMode } from "../../engine/api.ts";
import { codeIn } from "../../shell/route.ts";
import { texts } from "../../texts/index.ts";
import { errorText, reasonOf, useEngine } from "../engine.ts";
import { Button, DialogActions, Field, toast } from "../kit/index.ts";
import { CredentialsForm } from "../signin/CredentialsForm.tsx";

/** Turns the guest into an account; number, rooms and history stay. */
export function BecomeAccount({ name }: { name: string }) {
  const engine = useEngine();
  const [mode, setMode] = useState<RegistrationMode>();
  const [error, setError] = useState<string>();
  const t = texts.value.settings;
  useEffect(() => {
    engine.signInOptions().then(
      (found) => setMode(found.registration),
      (failed: unknown) => setError(errorText(failed)),
    );
  }, []);
  return (
    <>
      <p class="muted">{t.guestAccount}</p>
      {error && <p class="notice error">{error}</p>}
      {mode === RegistrationMode.CLOSED && <p class="field-hint">{texts.value.signIn.closed}</p>}
      {mode !== undefined && mode !== RegistrationMode.CLOSED && (
        <CredentialsForm
          mode="register"
          name={name}
          invite=""
          needsInvite={mode === RegistrationMode.INVITE}
          onSubmit={(entered) => engine.register(entered.name, entered.password, codeIn(entered.code))}
        />
      )}
    </>
  );
}

/** Changes the password. */
export function PasswordChange({ name }: { name: string }) {
  const engine = useEngine();
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const [error, setError] = useState<{ field: "old" | "new"; text: string }>();
  const t = texts.value.settings;
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await engine.changePassword(old, wanted);
      setOld("");
      setWanted("");
      setError(undefined);
      toast({ text: t.passwordChanged });
    } catch (failed) {
      setError({ field: reasonOf(failed) === "FIELD_INVALID" ? "new" : "old", text: errorText(failed) });
    }
  };
  return (
    <form class="settings-part" noValidate onSubmit={(event) => void submit(event)}>
      {/* Password managers need the name to store the new password in the right place. */}
      <input class="visually-hidden" type="text" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
      <Field label={t.oldPassword} type="password" autocomplete="current-password" value={old} onValue={setOld} error={error?.field === "old" ? error.text : undefined} />
      <Field label={t.newPassword} type="password" autocomplete="new-password" value={wanted} onValue={setWanted} hint={texts.value.signIn.passwordHint} error={error?.field === "new" ? error.text : undefined} />
      <DialogActions>
        <Button type="submit">{t.changePassword}</Button>
      </DialogActions>
    </form>
  );
}

/** The users whom the user has blocked. */
export function BlockList() {
  const engine = useEngine();
  const t = texts.value;
  const numbers = [...engine.blocked.value].sort((a, b) => a - b);
  const nameOf = (number: number) =>
    engine.people.value.get(number)?.name ?? engine.conversations.value.find((each) => each.user?.number === number)?.title ?? `#${number}`;
  const unblock = async (number: number) => {
    try {
      await engine.unblock(number);
    } catch (error) {
      toast({ kind: "error", text: errorText(error) });
    }
  };
  return (
    <section class="settings-part">
      <h3>{t.settings.blockList}</h3>
      {numbers.length === 0 && <p class="muted">{t.settings.blockEmpty}</p>}
      <ul role="list" aria-label={t.settings.blockList}>
        {numbers.map((number) => (
          <li key={number} class="row">
            <span class="truncate spacer" dir="auto">
              {nameOf(number)}
            </span>
            <Button onClick={() => void unblock(number)}>{t.right.unblock}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
