import { useState } from "preact/hooks";
import type { ConversationSummary } from "../../engine/api.ts";
import { formatRoute } from "../../shell/route.ts";
import { routeOf } from "../../shell/places.ts";
import { setMuted, settings } from "../../shell/settings.ts";
import { texts } from "../../texts/index.ts";
import { open } from "../frame/dialogs.ts";
import { Avatar, Badge, Icon, Menu, type MenuPlace } from "../kit/index.ts";

/** A link to a conversation, with its unread messages. A right click, or Shift-F10, opens its menu. */
export function ConversationRow({ conversation, current }: { conversation: ConversationSummary; current: boolean }) {
  const [menu, setMenu] = useState<MenuPlace>();
  const { key, room, user, title, unread, mentions, online } = conversation;
  const t = texts.value;
  const muted = settings.value.muted.includes(key);
  const bold = unread > 0 && !muted;
  const personal = user !== undefined && !muted;
  return (
    <li>
      <a
        class={`row ${bold ? "unread" : ""} ${muted ? "silent" : ""}`}
        href={formatRoute(routeOf(key))}
        aria-current={current ? "page" : undefined}
        onContextMenu={(event) => {
          event.preventDefault();
          // A key opens it without a place of the pointer.
          setMenu(event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { below: event.currentTarget });
        }}
      >
        {user ? (
          <span class={`presence ${online ? "online" : ""}`}>
            <Avatar number={user.number} name={title} size="small" />
          </span>
        ) : (
          <Icon name={room?.inviteOnly ? "lock" : "hash"} />
        )}
        <span class="truncate spacer" dir="auto">
          {title}
        </span>
        {room?.inviteOnly && <span class="visually-hidden">{t.left.private}</span>}
        {online && <span class="visually-hidden">{t.left.online}</span>}
        {muted && (
          <>
            <Icon name="bellOff" class="small" />
            <span class="visually-hidden">{t.left.muted}</span>
          </>
        )}
        {mentions > 0 && !user && <span class="mention-mark" aria-hidden="true">@</span>}
        {mentions > 0 && <span class="visually-hidden">{t.left.mentions(mentions)}</span>}
        <Badge count={unread} label={t.left.unread(unread)} kind={personal || mentions > 0 ? "accent" : "normal"} />
      </a>
      {menu && (
        <Menu
          label={title}
          place={menu}
          onClose={() => setMenu(undefined)}
          entries={[
            { label: muted ? t.rooms.unmute : t.rooms.mute, icon: muted ? "bell" : "bellOff", onSelect: () => setMuted(key, !muted) },
            room && { label: t.rooms.settings, icon: "gear", onSelect: () => (open.value = { dialog: "room", key }) },
          ]}
        />
      )}
    </li>
  );
}
