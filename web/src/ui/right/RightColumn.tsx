import { useEffect, useState } from "preact/hooks";
import { RoomRole, userKey, type ConversationKey, type Member, type Person } from "../../engine/api.ts";
import { timeSince } from "../../shell/times.ts";
import { change } from "../../shell/settings.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { useEngine } from "../engine.ts";
import { Avatar, IconButton, MenuButton } from "../kit/index.ts";
import { actionsFor } from "./actions.ts";
import { formatRoute } from "../../shell/route.ts";
import { routeOf } from "../../shell/places.ts";

/** The connected people, and in a room its members. */
export function RightColumn({ conversation }: { conversation: ConversationKey | undefined }) {
  const engine = useEngine();
  const people = [...engine.people.value.values()].sort((a, b) => a.number - b.number);
  const t = texts.value.right;
  const room = conversation?.startsWith("#") && conversation !== "#lobby" ? conversation : undefined;
  return (
    <aside class="right" aria-label={t.label}>
      <div class="right-head">
        <h2 class="spacer">{t.label}</h2>
        <IconButton icon="close" label={t.fold} aria-keyshortcuts="Alt+P" onClick={() => change({ rightColumn: false })} />
      </div>
      <div class="right-lists">
        {room && <Members key={room} conversation={room} />}
        <section>
          <h3 class="left-title">{t.connected(people.length)}</h3>
          <ul role="list" aria-label={t.connected(people.length)}>
            {people.map((each) => (
              <PersonRow key={each.number} person={each} />
            ))}
          </ul>
        </section>
      </div>
    </aside>
  );
}

function PersonRow({ person }: { person: Person }) {
  const engine = useEngine();
  const t = texts.value;
  const since = person.connectTime ? Number(person.connectTime.seconds) * 1000 : Date.now();
  const mine = engine.me.value?.number === person.number;
  const facts = `#${person.number} · ${timeSince(since, Date.now() + engine.clockOffset.value, intlLocale.value)} · ${person.agent}`;
  return (
    <li class="person">
      <a class="row" href={formatRoute(routeOf(userKey(person.number)))} title={`${t.right.write}\n${facts}`}>
        <span class="presence online">
          <Avatar number={person.number} name={person.name} />
        </span>
        <span class="person-text">
          <span class="person-name">
            <span class="truncate" dir="auto">
              {person.name}
            </span>
            {mine && <span class="tag">{t.common.you}</span>}
            {person.guest && <span class="tag">{t.common.guest}</span>}
          </span>
          <span class="person-facts truncate">
            <bdi>{facts}</bdi>
          </span>
        </span>
      </a>
      {!mine && <MenuButton label={t.right.actions(person.name)} entries={() => actionsFor(engine, { user: person })} />}
    </li>
  );
}

function Members({ conversation }: { conversation: ConversationKey }) {
  const engine = useEngine();
  const [opened] = useState(() => engine.open(conversation));
  const t = texts.value.right;
  useEffect(() => {
    // The conversation shows the error of its load itself; here the list only stays empty.
    void opened.loadMembers().catch(() => undefined);
    return () => opened.close();
  }, []);
  const members = opened.members.value;
  const room = opened.summary.value.room;
  if (!members || !room) return null;
  const sorted = [...members].sort((a, b) => b.role - a.role || a.user.name.localeCompare(b.user.name, intlLocale.value));
  return (
    <section>
      <h3 class="left-title">
        {t.members} · {members.length}
      </h3>
      <ul role="list" aria-label={t.members}>
        {sorted.map((each) => (
          <MemberRow key={each.user.number} member={each} room={room.name} myRole={room.myRole} reload={() => opened.loadMembers()} />
        ))}
      </ul>
    </section>
  );
}

function MemberRow({ member, room, myRole, reload }: { member: Member; room: string; myRole: RoomRole; reload: () => Promise<void> }) {
  const engine = useEngine();
  const { user, role, connected } = member;
  const t = texts.value.right;
  const mine = engine.me.value?.number === user.number;
  const name = roleName(role);
  return (
    <li class="person">
      <a class="row" href={formatRoute(routeOf(userKey(user.number)))} title={t.write}>
        <span class={`presence ${connected || mine ? "online" : ""}`}>
          <Avatar number={user.number} name={user.name} size="small" />
        </span>
        <span class="truncate spacer" dir="auto">
          {user.name}
        </span>
        {connected && <span class="visually-hidden">{texts.value.left.online}</span>}
        {role >= RoomRole.MODERATOR && <span class="tag">{name}</span>}
        {role === RoomRole.READER && <span class="tag">{name}</span>}
      </a>
      {!mine && <MenuButton label={t.actions(user.name)} entries={() => actionsFor(engine, { user, room, role, myRole, reload })} />}
    </li>
  );
}

/** Returns the name of a role in the language of the page. */
export function roleName(role: RoomRole): string {
  const { roles } = texts.value.right;
  return { [RoomRole.READER]: roles.reader, [RoomRole.MEMBER]: roles.member, [RoomRole.MODERATOR]: roles.moderator, [RoomRole.OWNER]: roles.owner, [RoomRole.UNSPECIFIED]: "" }[role];
}
