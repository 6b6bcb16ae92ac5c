import { useState } from "preact/hooks";
import type { ConversationKey, ConversationSummary, Room } from "../../engine/api.ts";
import { change, settings } from "../../shell/settings.ts";
import { folded } from "../../shell/rank.ts";
import { goTo } from "../../shell/places.ts";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { open } from "../frame/dialogs.ts";
import { Button, Icon, IconButton, MenuButton, toast } from "../kit/index.ts";
import { ConversationRow } from "./ConversationRow.tsx";
import { OwnMenu } from "./OwnMenu.tsx";

/** The list of conversations. */
export function LeftColumn({ current }: { current: ConversationKey | undefined }) {
  const engine = useEngine();
  const [filter, setFilter] = useState("");
  const t = texts.value.left;
  const wanted = folded(filter.trim());
  const shown = engine.conversations.value.filter((each) => folded(each.title).includes(wanted));
  const rooms = shown.filter((each) => each.room);
  const direct = shown.filter((each) => each.user);
  return (
    <nav class="left" aria-label={t.label}>
      <div class="left-head">
        <OwnMenu />
        <IconButton icon="search" label={t.jump} aria-keyshortcuts="Control+K" onClick={() => (open.value = { dialog: "palette" })} />
        {!settings.value.rightColumn && (
          <IconButton icon="people" label={texts.value.right.unfold} aria-keyshortcuts="Alt+P" onClick={() => change({ rightColumn: true })} />
        )}
        <MenuButton
          icon="add"
          label={texts.value.common.more}
          entries={() => [
            { label: t.browse, icon: "search", onSelect: () => (open.value = { dialog: "browse" }) },
            { label: t.create, icon: "hash", onSelect: () => (open.value = { dialog: "create" }) },
            { label: t.writeTo, icon: "message", onSelect: () => (open.value = { dialog: "palette" }) },
          ]}
        />
      </div>
      <div class="left-filter">
        <input class="input" type="search" aria-label={t.filter} placeholder={t.filter} dir="auto" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      </div>
      <div class="left-lists">
        <Invitations />
        <Section title={t.rooms} rows={rooms} current={current} />
        <Section title={t.direct} rows={direct} current={current} />
        {shown.length === 0 && wanted && (
          <p class="left-none muted" role="status">
            {t.none}
          </p>
        )}
      </div>
    </nav>
  );
}

function Section({ title, rows, current }: { title: string; rows: readonly ConversationSummary[]; current: ConversationKey | undefined }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2 class="left-title">{title}</h2>
      <ul role="list" aria-label={title}>
        {rows.map((each) => (
          <ConversationRow key={each.key} conversation={each} current={each.key === current} />
        ))}
      </ul>
    </section>
  );
}

/** Rooms to which the user is invited. */
function Invitations() {
  const engine = useEngine();
  const rooms = engine.invitations.value;
  const t = texts.value.left;
  const accept = async (room: Room) => {
    try {
      goTo(await engine.join(room.name));
    } catch (error) {
      toast({ kind: "error", text: errorText(error) });
    }
  };
  if (rooms.length === 0) return null;
  return (
    <section>
      <h2 class="left-title">{t.invitations}</h2>
      <ul role="list" aria-label={t.invitations}>
        {rooms.map((room) => (
          <li key={room.name} class="row">
            <Icon name="lock" />
            <span class="truncate spacer" dir="auto">
              {room.name}
            </span>
            <Button onClick={() => void accept(room)}>{t.accept}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
