import { effect } from "@preact/signals";
import { render } from "preact";
import type { Engine } from "../engine/api.ts";
import { startNotifications } from "../shell/notify.ts";
import { startWorker } from "../shell/install.ts";
import { settings, startSettings } from "../shell/settings.ts";
import { language, languageOf, setLanguage, texts } from "../texts/index.ts";
import { EngineContext, useEngine } from "./engine.ts";
import { Frame, type Middle } from "./frame/Frame.tsx";
import { toast, Toasts } from "./kit/index.ts";
import { SignInPage } from "./signin/SignInPage.tsx";

function Page({ middle }: { middle: Middle }) {
  const connection = useEngine().connection.value;
  if (connection.state === "signed-out") return <SignInPage ended={connection.reason} />;
  if (connection.state === "starting") return <p class="starting muted">{texts.value.common.loading}</p>;
  return <Frame middle={middle} />;
}

/** Shows the page in an element, and starts the engine. */
export async function startPage(engine: Engine, middle: Middle, place: Element): Promise<void> {
  startSettings();
  effect(() => {
    const { language: chosen } = settings.value;
    const wanted = chosen === "auto" ? languageOf(navigator.languages) : chosen;
    setLanguage(wanted).catch(() => toast({ kind: "error", text: texts.peek().common.offline }));
  });
  effect(() => {
    document.documentElement.lang = language.value;
  });
  startNotifications(engine);
  render(
    <EngineContext.Provider value={engine}>
      <Page middle={middle} />
      <Toasts />
    </EngineContext.Provider>,
    place,
  );
  startWorker();
  await engine.start();
}
