import { useEffect, useState } from "preact/hooks";
import { RegistrationMode, type SignInOptions } from "../../engine/api.ts";
import { cleanAddress } from "../../shell/navigation.ts";
import { codeIn, inviteOf, issuerAnswerOf } from "../../shell/route.ts";
import { texts } from "../../texts/index.ts";
import { errorText, reasonText, useEngine } from "../engine.ts";
import { Button } from "../kit/index.ts";
import { finishAtIssuer, IssuerButton } from "./IssuerButton.tsx";
import { CredentialsForm, type Entered, type Mode } from "./CredentialsForm.tsx";

/** The page before the chat. It offers only what the server offers. */
export function SignInPage({ ended }: { ended: string }) {
  const engine = useEngine();
  const [options, setOptions] = useState<SignInOptions>();
  const [failed, setFailed] = useState<string>();
  const [invite] = useState(() => codeIn(inviteOf(location)));
  const [answer] = useState(() => issuerAnswerOf(location));
  const [refused, setRefused] = useState<string>();
  const [mode, setMode] = useState<Mode>(invite ? "register" : "signIn");
  const t = texts.value.signIn;

  const load = async () => {
    setFailed(undefined);
    try {
      const found = await engine.signInOptions();
      setOptions(found);
      if (!invite && found.guests) setMode("guest");
    } catch (error) {
      setFailed(errorText(error));
    }
  };
  useEffect(() => {
    if (invite || answer) cleanAddress();
    if (answer) finishAtIssuer(engine, answer).catch((error: unknown) => setRefused(errorText(error)));
    void load();
  }, []);

  const submit = async ({ name, password, code }: Entered) => {
    if (mode === "register") await engine.register(name, password, codeIn(code));
    else await engine.signIn(name, mode === "guest" ? undefined : password);
  };
  const notice = refused ?? reasonText(ended);
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <img class="sign-in-mark" src="icon.svg" alt="" width="40" height="40" />
        <h1>{{ signIn: t.title, register: t.titleRegister, guest: t.titleGuest }[mode]}</h1>
        {notice && (
          <p class="notice warning" role="status">
            {notice}
          </p>
        )}
        {failed && (
          <div class="notice error" role="alert">
            <p>{failed}</p>
            <Button onClick={() => void load()}>{texts.value.common.retry}</Button>
          </div>
        )}
        {!options && !failed && <p class="muted">{texts.value.common.loading}</p>}
        {options && (
          <>
            <CredentialsForm
              key={mode}
              mode={mode}
              invite={invite}
              needsInvite={options.registration === RegistrationMode.INVITE}
              onSubmit={submit}
            />
            <Others mode={mode} options={options} onMode={setMode} />
          </>
        )}
      </div>
    </main>
  );
}

/** The other ways in. */
function Others({ mode, options, onMode }: { mode: Mode; options: SignInOptions; onMode: (mode: Mode) => void }) {
  const t = texts.value.signIn;
  const closed = options.registration === RegistrationMode.CLOSED;
  return (
    <div class="sign-in-others">
      {options.issuer && (
        <IssuerButton issuer={options.issuer.issuer} />
      )}
      {mode !== "signIn" && (
        <Button kind="plain" onClick={() => onMode("signIn")}>
          {t.toSignIn}
        </Button>
      )}
      {mode !== "register" && !closed && (
        <Button kind="plain" onClick={() => onMode("register")}>
          {t.toRegister}
        </Button>
      )}
      {mode !== "guest" && options.guests && (
        <Button kind="plain" onClick={() => onMode("guest")}>
          {t.toGuest}
        </Button>
      )}
      {closed && !options.guests && <p class="field-hint">{t.closed}</p>}
    </div>
  );
}
