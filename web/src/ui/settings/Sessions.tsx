import { useEffect, useState } from "preact/hooks";
import type { TokenRow } from "../../engine/api.ts";
import { timeSince } from "../../shell/times.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { Button } from "../kit/index.ts";

/** The sign-ins of the account and the tokens of its bots, each with a button that ends it. */
export function Sessions() {
  const engine = useEngine();
  const [rows, setRows] = useState<readonly TokenRow[]>();
  const [error, setError] = useState<string>();
  const t = texts.value.settings;
  const load = async (before?: () => Promise<void>) => {
    try {
      await before?.();
      setRows(await engine.listTokens());
      setError(undefined);
    } catch (failed) {
      setError(errorText(failed));
    }
  };
  useEffect(() => void load(), []);
  const started = new Intl.DateTimeFormat(intlLocale.value, { dateStyle: "medium", timeStyle: "short" });
  return (
    <section class="settings-part">
      <h3>{t.sessions}</h3>
      {error && (
        <p class="notice error" role="alert">
          {error}
        </p>
      )}
      <ul role="list" aria-label={t.sessions}>
        {(rows ?? []).map((each) => (
          <li key={each.id} class="setting-row">
            <div>
              <div dir="auto">{each.label ? t.bot(each.label) : `${t.session}: ${started.format(each.createTime)}`}</div>
              <div class="field-hint">{t.lastUse(timeSince(each.lastUseTime, Date.now() + engine.clockOffset.value, intlLocale.value))}</div>
            </div>
            <Button onClick={() => void load(() => engine.revokeToken(each.id))}>{t.revoke}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
