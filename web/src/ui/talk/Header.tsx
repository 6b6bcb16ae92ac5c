import { useState } from "preact/hooks";
import { go } from "../../shell/navigation.ts";
import { change, settings } from "../../shell/settings.ts";
import { texts } from "../../texts/index.ts";
import { open } from "../frame/dialogs.ts";
import { Avatar, Button, Dialog, DialogActions, DialogBody, Field, Icon, IconButton } from "../kit/index.ts";
import { useTalk } from "./state.ts";

const LOBBY = "lobby";

/** The name and the topic of the conversation, and the buttons for it. */
export function Header({ searching, onSearch }: { searching: boolean; onSearch: () => void }) {
  const talk = useTalk();
  const { conversation } = talk;
  const [dating, setDating] = useState(false);
  const summary = conversation.summary.value;
  const { room, user } = summary;
  const t = texts.value.talk;
  const online = user !== undefined && talk.engine.people.value.has(user.number);
  const people = settings.value.rightColumn;
  // The members of the lobby are the connected users.
  const count = room?.name === LOBBY ? talk.engine.people.value.size : (room?.memberCount ?? 0);
  return (
    <header class="talk-head">
      <IconButton icon="back" class="only-narrow" label={t.toList} onClick={() => go({ view: "home" })} />
      {user ? <Avatar number={user.number} name={user.name} size="small" /> : <Icon name={room?.inviteOnly ? "lock" : "hash"} />}
      <h1 class="talk-title truncate" dir="auto">
        {summary.title}
      </h1>
      {user && <span class={`talk-presence ${online ? "online" : ""}`}>{online ? t.online : t.offline}</span>}
      {room && room.topic !== "" && (
        <p class="talk-topic truncate muted" dir="auto" title={room.topic}>
          {room.topic}
        </p>
      )}
      <span class="spacer" />
      <IconButton icon="search" label={t.search} aria-pressed={searching} onClick={onSearch} />
      <IconButton icon="clock" label={t.toDate} onClick={() => setDating(true)} />
      {room && (
        <button type="button" class="talk-members" aria-pressed={people} aria-label={t.members(count)} title={t.members(count)} onClick={() => change({ rightColumn: !people })}>
          <Icon name="people" />
          <span aria-hidden="true">{count}</span>
        </button>
      )}
      {room && <IconButton icon="gear" label={texts.value.rooms.settings} onClick={() => (open.value = { dialog: "room", key: conversation.key })} />}
      {dating && <DateDialog onClose={() => setDating(false)} onDate={(time) => void talk.jumpToDate(time)} />}
    </header>
  );
}

/** Asks for a day, and goes to its first message. */
function DateDialog({ onClose, onDate }: { onClose: () => void; onDate: (time: number) => void }) {
  const [day, setDay] = useState("");
  const t = texts.value.talk;
  // Without a zone, the time of a date is that of the reader.
  const time = new Date(`${day}T00:00`).getTime();
  return (
    <Dialog title={t.toDate} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (Number.isNaN(time)) return;
          onClose();
          onDate(time);
        }}
      >
        <DialogBody>
          <Field label={t.date} type="date" value={day} onValue={setDay} required />
          <DialogActions>
            <Button onClick={onClose}>{texts.value.common.cancel}</Button>
            <Button kind="primary" type="submit">
              {t.go}
            </Button>
          </DialogActions>
        </DialogBody>
      </form>
    </Dialog>
  );
}
