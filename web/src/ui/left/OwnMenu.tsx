import { go } from "../../shell/navigation.ts";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { open } from "../frame/dialogs.ts";
import { Avatar, MenuButton, toast } from "../kit/index.ts";

/** The user's own name, with a menu. */
export function OwnMenu() {
  const engine = useEngine();
  const me = engine.me.value;
  const t = texts.value;
  if (!me) return <span class="spacer" />;
  const signOut = async () => {
    try {
      await engine.signOut();
      go({ view: "home" }, { replace: true });
    } catch (error) {
      toast({ kind: "error", text: errorText(error) });
    }
  };
  return (
    <MenuButton
      label={t.left.myMenu}
      class="own"
      entries={() => [
        { label: t.settings.title, icon: "gear", onSelect: () => (open.value = { dialog: "settings" }) },
        { label: t.settings.keys, icon: "help", onSelect: () => (open.value = { dialog: "keys" }) },
        me.admin && { label: t.settings.server, icon: "server", onSelect: () => go({ view: "server", part: "" }) },
        "line",
        { label: t.settings.signOut, icon: "door", onSelect: () => void signOut() },
      ]}
    >
      <Avatar number={me.number} name={me.name} />
      <span class="own-name truncate" dir="auto">
        {me.name}
      </span>
      {me.guest && <span class="tag">{t.common.guest}</span>}
    </MenuButton>
  );
}
