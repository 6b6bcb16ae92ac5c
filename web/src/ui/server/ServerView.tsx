import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { go } from "../../shell/navigation.ts";
import { texts } from "../../texts/index.ts";
import { Button } from "../kit/index.ts";
import type { ServerPageProps } from "./ServerPage.tsx";

type State = { page: ComponentType<ServerPageProps> } | "loading" | "failed";

/** The server page, of which the code is loaded when it is first shown. */
export function ServerView({ part }: { part: string }) {
  const [state, setState] = useState<State>("loading");
  const load = () => {
    setState("loading");
    import("./ServerPage.tsx").then(
      ({ ServerPage }) => setState({ page: ServerPage }),
      () => setState("failed"),
    );
  };
  useEffect(load, []);
  if (state === "loading") return <p class="middle-empty muted">{texts.value.common.loading}</p>;
  if (state === "failed") {
    return (
      <div class="middle-empty" role="alert">
        <p>{texts.value.common.offline}</p>
        <Button onClick={load}>{texts.value.common.retry}</Button>
      </div>
    );
  }
  return <state.page part={part} onPart={(chosen) => go({ view: "server", part: chosen }, { replace: true })} onBack={() => go({ view: "home" })} />;
}
