import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useKeys } from "../../shell/keys.ts";
import { go, route } from "../../shell/navigation.ts";
import { conversationOf, routeOf } from "../../shell/places.ts";
import type { Route } from "../../shell/route.ts";
import { foldRight, settings } from "../../shell/settings.ts";
import { texts } from "../../texts/index.ts";
import { useEngine } from "../engine.ts";
import { LeftColumn } from "../left/LeftColumn.tsx";
import { RightColumn } from "../right/RightColumn.tsx";
import { BrowseRooms } from "../room/BrowseRooms.tsx";
import { CreateRoom } from "../room/CreateRoom.tsx";
import { RoomSettings } from "../room/RoomSettings.tsx";
import { SettingsDialog } from "../settings/SettingsDialog.tsx";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { open } from "./dialogs.ts";
import { KeysDialog } from "./KeysDialog.tsx";
import { NotificationOffer } from "./NotificationOffer.tsx";
import { Palette } from "./Palette.tsx";

/** The width below which style/shell.css shows one column at a time. */
const ONE_COLUMN = "(max-width: 44em)";

/** The view in the middle column, for a route. */
export type Middle = (at: Route) => ComponentChildren;

/** The three columns. On a narrow screen one is seen: the list at the home, else the middle. */
export function Frame({ middle }: { middle: Middle }) {
  const engine = useEngine();
  const at = route.value;
  const key = conversationOf(at);
  const right = settings.value.rightColumn;
  useKeys(engine);
  useFirstConversation(at);
  useEffect(foldRight, [at]);
  useEffect(() => {
    const back = () => engine.reconnectNow();
    window.addEventListener("online", back);
    return () => window.removeEventListener("online", back);
  }, []);
  return (
    <div class={`frame ${at.view === "home" ? "at-home" : "at-middle"} ${right && at.view !== "server" ? "with-right" : ""}`}>
      <a
        class="skip"
        href="#middle"
        onClick={(event) => {
          // The fragment is the route, so the browser must not follow the link.
          event.preventDefault();
          document.getElementById("middle")?.focus();
        }}
      >
        {texts.value.frame.skip}
      </a>
      <ConnectionBar />
      <NotificationOffer />
      <LeftColumn current={key} />
      <main id="middle" class="middle" tabIndex={-1}>
        {at.view === "home" || !engine.me.value ? <Empty /> : middle(at)}
      </main>
      {right && at.view !== "server" && <RightColumn conversation={key} />}
      <OpenDialog />
    </div>
  );
}

/** The middle without a conversation, or before the server was reached. */
function Empty() {
  const engine = useEngine();
  const offline = !engine.me.value && engine.connection.value.state === "waiting";
  const text = engine.me.value ? texts.value.frame.choose : offline ? texts.value.frame.offline : texts.value.common.loading;
  return <p class="middle-empty muted">{text}</p>;
}

/** Opens the newest conversation at the start, where the list and the messages are seen together. */
function useFirstConversation(at: Route): void {
  const engine = useEngine();
  const [opened, setOpened] = useState(at.view !== "home");
  const first = engine.conversations.value[0];
  useEffect(() => {
    if (opened || !first) return;
    setOpened(true);
    if (at.view === "home" && !matchMedia(ONE_COLUMN).matches) go(routeOf(first.key), { replace: true });
  }, [opened, first]);
}

function OpenDialog() {
  const shown = open.value;
  switch (shown.dialog) {
    case "none":
      return null;
    case "palette":
      return <Palette />;
    case "keys":
      return <KeysDialog />;
    case "settings":
      return <SettingsDialog />;
    case "browse":
      return <BrowseRooms />;
    case "create":
      return <CreateRoom />;
    case "room":
      return <RoomSettings conversation={shown.key} />;
  }
}
