import { useState } from "preact/hooks";
import type { Message } from "../../engine/api.ts";
import { linkTo } from "../../shell/navigation.ts";
import { routeOf } from "../../shell/places.ts";
import { texts } from "../../texts/index.ts";
import { IconButton, Menu, toast, type MenuEntry } from "../kit/index.ts";
import type { Talk } from "./state.ts";
import { useTalk } from "./state.ts";

function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast({ text: texts.peek().talk.copied, lasts: 2500 }),
    () => toast({ kind: "error", text: texts.peek().talk.notCopied }),
  );
}

/** Everything that can be done with a message, for its menu. */
export function entriesOf(talk: Talk, message: Message, beside: () => Element): MenuEntry[] {
  const t = texts.value.talk;
  const writes = talk.mayWrite.value && !message.deleted;
  return [
    writes && { label: t.reply, icon: "reply", onSelect: () => talk.reply(message) },
    writes && { label: t.react, icon: "smile", onSelect: () => (talk.reacting.value = { message, beside: beside() }) },
    writes && message.mine && { label: t.edit, icon: "edit", onSelect: () => talk.edit(message) },
    writes && "line",
    !message.deleted && { label: t.copyText, icon: "copy", onSelect: () => copy(message.text) },
    { label: t.copyLink, icon: "link", onSelect: () => copy(linkTo(routeOf(talk.conversation.key, message.sequence))) },
    !message.deleted && talk.mayDelete(message) && "line",
    !message.deleted && talk.mayDelete(message) && { label: texts.value.common.delete, icon: "trash", danger: true, onSelect: () => (talk.deleting.value = message) },
  ];
}

/** The tools of the message under the pointer or with the focus. */
export function MessageTools({ message }: { message: Message }) {
  const talk = useTalk();
  const [menu, setMenu] = useState<Element | null>(null);
  const t = texts.value.talk;
  const writes = talk.mayWrite.value && !message.deleted;
  return (
    <div class="message-tools" role="toolbar" aria-label={t.tools}>
      {writes && (
        <>
          <IconButton icon="smile" label={t.react} onClick={(event) => (talk.reacting.value = { message, beside: event.currentTarget })} />
          <IconButton icon="reply" label={t.reply} onClick={() => talk.reply(message)} />
          {message.mine && <IconButton icon="edit" label={t.edit} onClick={() => talk.edit(message)} />}
        </>
      )}
      <IconButton
        icon="more"
        label={texts.value.common.more}
        data-menu
        aria-haspopup="menu"
        aria-expanded={menu !== null}
        onClick={(event) => setMenu(menu ? null : event.currentTarget)}
      />
      {menu && <Menu label={t.tools} entries={entriesOf(talk, message, () => menu)} place={{ below: menu }} onClose={() => setMenu(null)} />}
    </div>
  );
}
