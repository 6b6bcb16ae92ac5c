import { useEffect, useState } from "preact/hooks";
import { RoomRole, roomKey, type Room } from "../../engine/api.ts";
import { goTo } from "../../shell/places.ts";
import { ranked } from "../../shell/rank.ts";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { closeDialog, open } from "../frame/dialogs.ts";
import { Button, Dialog, DialogBody, Icon } from "../kit/index.ts";

/** All rooms that the user may see. */
export function BrowseRooms() {
  const engine = useEngine();
  const [rooms, setRooms] = useState<readonly Room[]>();
  const [error, setError] = useState<string>();
  const [query, setQuery] = useState("");
  const t = texts.value.rooms;
  useEffect(() => {
    engine.listRooms().then(setRooms, (failed: unknown) => setError(errorText(failed)));
  }, []);

  const enter = async (room: Room) => {
    try {
      if (room.myRole === RoomRole.UNSPECIFIED) await engine.join(room.name);
      closeDialog();
      goTo(roomKey(room.name));
    } catch (failed) {
      setError(errorText(failed));
    }
  };
  const found = ranked(query, (rooms ?? []).map((room) => ({ name: room.name, weight: room.memberCount, room })), 500);
  return (
    <Dialog title={t.browseTitle} onClose={closeDialog}>
      <DialogBody>
        <div class="browse-head">
          <input class="input" type="search" data-autofocus aria-label={t.search} placeholder={t.search} dir="auto" value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
          <Button icon="add" onClick={() => (open.value = { dialog: "create" })}>
            {t.create}
          </Button>
        </div>
        {error && (
          <p class="notice error" role="alert">
            {error}
          </p>
        )}
        {!rooms && !error && <p class="muted">{texts.value.common.loading}</p>}
        <ul role="list" class="browse-list">
          {found.map(({ room }) => (
            <li key={room.name}>
              <Icon name={room.inviteOnly ? "lock" : "hash"} />
              <div class="browse-text">
                <strong dir="auto">{room.name}</strong> <span class="muted">{t.members(room.memberCount)}</span>
                {room.topic && (
                  <p class="muted truncate" dir="auto">
                    {room.topic}
                  </p>
                )}
              </div>
              <Button onClick={() => void enter(room)} aria-label={`${room.myRole ? t.open : t.join} #${room.name}`}>
                {room.myRole ? t.open : t.join}
              </Button>
            </li>
          ))}
        </ul>
        {rooms && found.length === 0 && <p class="muted">{t.empty}</p>}
      </DialogBody>
    </Dialog>
  );
}
