import { useRef, useState } from "preact/hooks";
import { texts } from "../../texts/index.ts";
import { errorText, reasonOf } from "../engine.ts";
import { Button, Field, IconButton } from "../kit/index.ts";

export type Mode = "signIn" | "register" | "guest";

export interface Entered {
  name: string;
  password: string;
  code: string;
}

type Errors = Partial<Record<keyof Entered | "form", string>>;

const SHORTEST_PASSWORD = 8;

/** The field that an error of the server is about. */
const FIELDS: Record<string, keyof Entered> = {
  NAME_TAKEN: "name",
  NAME_INVALID: "name",
  BAD_CREDENTIALS: "password",
  FIELD_INVALID: "password",
  INVITE_INVALID: "code",
};

export interface CredentialsFormProps {
  mode: Mode;
  invite: string;
  needsInvite: boolean;
  /** The name to begin with: that of a guest who becomes an account. */
  name?: string;
  onSubmit: (entered: Entered) => Promise<void>;
}

/** Name, password and invite code, with each error beside its field. */
export function CredentialsForm({ mode, invite, needsInvite, name = "", onSubmit }: CredentialsFormProps) {
  const [entered, setEntered] = useState<Entered>({ name, password: "", code: invite });
  const [errors, setErrors] = useState<Errors>({});
  const [busy, setBusy] = useState(false);
  const [visible, setVisible] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const t = texts.value.signIn;

  const change = (field: keyof Entered) => (value: string) => {
    setEntered({ ...entered, [field]: value });
    setErrors({ ...errors, [field]: undefined, form: undefined });
  };
  const show = (found: Errors) => {
    setErrors(found);
    const first = (["name", "password", "code"] as const).find((each) => found[each]);
    if (first) form.current?.querySelector<HTMLInputElement>(`[name=${NAMES[first]}]`)?.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const missing = check(mode, entered, needsInvite);
    if (Object.keys(missing).length > 0) return show(missing);
    setBusy(true);
    try {
      await onSubmit({ ...entered, name: entered.name.trim() });
    } catch (error) {
      show({ [(FIELDS[reasonOf(error)] ?? "form") as string]: errorText(error) });
    } finally {
      setBusy(false);
    }
  };

  const submitText = { signIn: t.submitSignIn, register: t.submitRegister, guest: t.submitGuest }[mode];
  return (
    <form ref={form} class="sign-in-form" noValidate onSubmit={(event) => void submit(event)}>
      <Field
        label={t.name}
        name={NAMES.name}
        value={entered.name}
        onValue={change("name")}
        error={errors.name}
        autocomplete={mode === "guest" ? "nickname" : "username"}
        autoCapitalize="none"
        spellcheck={false}
        {...(mode === "guest" ? { hint: t.guestHint } : {})}
      />
      {mode !== "guest" && (
        <Field
          label={t.password}
          name={NAMES.password}
          type={visible ? "text" : "password"}
          value={entered.password}
          onValue={change("password")}
          error={errors.password}
          autocomplete={mode === "register" ? "new-password" : "current-password"}
          {...(mode === "register" ? { hint: t.passwordHint } : {})}
          end={
            <IconButton
              icon={visible ? "eyeOff" : "eye"}
              label={visible ? t.hidePassword : t.showPassword}
              aria-pressed={visible}
              onClick={() => setVisible(!visible)}
            />
          }
        />
      )}
      {mode === "register" && needsInvite && (
        <Field label={t.invite} name={NAMES.code} value={entered.code} onValue={change("code")} error={errors.code} autocomplete="off" spellcheck={false} />
      )}
      {errors.form && (
        <p class="notice error" role="alert">
          {errors.form}
        </p>
      )}
      <Button kind="primary" type="submit" wide busy={busy}>
        {submitText}
      </Button>
    </form>
  );
}

/** The names of the inputs; password managers know them. */
const NAMES = { name: "username", password: "password", code: "invite" } as const;

function check(mode: Mode, entered: Entered, needsInvite: boolean): Errors {
  const t = texts.value.signIn;
  const found: Errors = {};
  if (!entered.name.trim()) found.name = t.nameMissing;
  if (mode === "signIn" && !entered.password) found.password = t.passwordMissing;
  if (mode === "register" && [...entered.password].length < SHORTEST_PASSWORD) found.password = t.passwordShort;
  if (mode === "register" && needsInvite && !entered.code.trim()) found.code = t.inviteMissing;
  return found;
}
