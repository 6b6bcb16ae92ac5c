import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { go } from "../shell/navigation.ts";
import type { Route } from "../shell/route.ts";
import { texts } from "../texts/index.ts";
import type { ServerPageProps } from "./server/ServerPage.tsx";

/** The view in the middle column of a route. */
export function Middle({ at }: { at: Route }) {
  if (at.view === "server") return <Server part={at.part} />;
  return null;
}

/** The server page. Only admins open it, so its code is loaded when they do. */
function Server({ part }: { part: string }) {
  const [Page, setPage] = useState<ComponentType<ServerPageProps>>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    import("./server/ServerPage.tsx").then(
      ({ ServerPage }) => setPage(() => ServerPage),
      () => setFailed(true),
    );
  }, []);
  if (failed) return <p class="middle-empty notice error">{texts.value.common.offline}</p>;
  if (!Page) return <p class="middle-empty muted">{texts.value.common.loading}</p>;
  return <Page part={part} onPart={(wanted) => go({ view: "server", part: wanted })} />;
}
