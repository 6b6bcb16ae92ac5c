import { useState } from "preact/hooks";
import type { Engine } from "../../engine/api.ts";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { Button } from "../kit/index.ts";

/** The secret that binds the answer of the issuer to this tab. It is no token, and it is used once. */
const BINDING = "chat-grpc.sign-in";

/** Returns the address of the page without query and fragment, as it is registered at the issuer. */
function ownAddress(): string {
  return new URL(".", location.href).href;
}

/** Completes a sign-in with which the issuer sent the browser back. */
export async function finishAtIssuer(engine: Engine, answer: URLSearchParams): Promise<void> {
  const binding = sessionStorage.getItem(BINDING) ?? "";
  sessionStorage.removeItem(BINDING);
  await engine.finishBrowserSignIn(answer, binding);
}

/** Goes to the issuer, which asks for the password. */
export function IssuerButton({ issuer }: { issuer: string }) {
  const engine = useEngine();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const start = async () => {
    setBusy(true);
    try {
      const { url, binding } = await engine.startBrowserSignIn(ownAddress());
      sessionStorage.setItem(BINDING, binding);
      location.assign(url);
    } catch (failed) {
      setError(errorText(failed));
      setBusy(false);
    }
  };
  return (
    <>
      <Button wide busy={busy} onClick={() => void start()}>
        {texts.value.signIn.issuer(hostOf(issuer))}
      </Button>
      {error && (
        <p class="notice error" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

function hostOf(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).host : issuer;
}
