import { useState } from "preact/hooks";
import { RoomRole, type ConversationKey, type Room } from "../../engine/api.ts";
import { go } from "../../shell/navigation.ts";
import { setMuted, settings } from "../../shell/settings.ts";
import { texts } from "../../texts/index.ts";
import { errorText, useEngine } from "../engine.ts";
import { closeDialog } from "../frame/dialogs.ts";
import { Button, Check, Dialog, DialogActions, DialogBody, Field, toast } from "../kit/index.ts";

const LOBBY = "lobby";
const MAX_TOPIC = 250;

/** The settings of a room, as far as the user's role goes; the server decides. */
export function RoomSettings({ conversation }: { conversation: ConversationKey }) {
  const engine = useEngine();
  const room = engine.conversations.value.find((each) => each.key === conversation)?.room;
  const t = texts.value.rooms;
  if (!room) return null;
  const role = room.name === LOBBY ? RoomRole.READER : room.myRole;
  const muted = settings.value.muted.includes(conversation);
  const mayInvite = role >= (room.inviteOnly ? RoomRole.MODERATOR : RoomRole.MEMBER);
  return (
    <Dialog title={`#${room.name}`} onClose={closeDialog}>
      <DialogBody>
        <Check label={t.mute} checked={muted} onValue={(on) => setMuted(conversation, on)} />
        {role >= RoomRole.MODERATOR ? <Topic room={room} owner={role >= RoomRole.OWNER} /> : room.topic && <p dir="auto">{room.topic}</p>}
        {mayInvite && <Invite room={room.name} />}
        {room.name !== LOBBY && <Leaving room={room.name} owner={role >= RoomRole.OWNER} />}
      </DialogBody>
    </Dialog>
  );
}

function Topic({ room, owner }: { room: Room; owner: boolean }) {
  const engine = useEngine();
  const [topic, setTopic] = useState(room.topic);
  const [inviteOnly, setInviteOnly] = useState(room.inviteOnly);
  const [error, setError] = useState<string>();
  const t = texts.value;
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await engine.updateRoom(room.name, owner ? { topic: topic.trim(), inviteOnly } : { topic: topic.trim() });
      setError(undefined);
      toast({ text: t.rooms.saved });
    } catch (failed) {
      setError(errorText(failed));
    }
  };
  return (
    <form class="settings-part" noValidate onSubmit={(event) => void save(event)}>
      <Field label={t.rooms.topic} value={topic} onValue={setTopic} maxLength={MAX_TOPIC} error={error} autocomplete="off" />
      {owner && <Check label={t.rooms.private} hint={t.rooms.privateHint} checked={inviteOnly} onValue={setInviteOnly} />}
      <DialogActions>
        <Button type="submit">{t.common.save}</Button>
      </DialogActions>
    </form>
  );
}

function Invite({ room }: { room: string }) {
  const engine = useEngine();
  const [name, setName] = useState("");
  const [error, setError] = useState<string>();
  const t = texts.value.rooms;
  const invite = async (event: Event) => {
    event.preventDefault();
    const wanted = name.trim().replace(/^@/u, "");
    if (!wanted) return setError(texts.value.signIn.nameMissing);
    try {
      await engine.invite(room, wanted);
      setName("");
      setError(undefined);
      toast({ text: t.invited(wanted) });
    } catch (failed) {
      setError(errorText(failed));
    }
  };
  return (
    <form class="settings-part" noValidate onSubmit={(event) => void invite(event)}>
      <Field label={t.inviteName} value={name} onValue={setName} error={error} autocomplete="off" />
      <DialogActions>
        <Button type="submit">{t.invite}</Button>
      </DialogActions>
    </form>
  );
}

function Leaving({ room, owner }: { room: string; owner: boolean }) {
  const engine = useEngine();
  const [asked, setAsked] = useState<"leave" | "delete">();
  const [error, setError] = useState<string>();
  const t = texts.value;
  const run = async () => {
    try {
      await (asked === "delete" ? engine.deleteRoom(room) : engine.leave(room));
      closeDialog();
      go({ view: "home" }, { replace: true });
    } catch (failed) {
      setError(errorText(failed));
      setAsked(undefined);
    }
  };
  return (
    <div class="settings-part">
      {error && (
        <p class="notice error" role="alert">
          {error}
        </p>
      )}
      {asked && <p role="alert">{asked === "delete" ? t.rooms.deleteConfirm(room) : t.rooms.leaveConfirm(room)}</p>}
      <DialogActions>
        {asked ? (
          <>
            <Button onClick={() => setAsked(undefined)}>{t.common.cancel}</Button>
            <Button kind="danger" onClick={() => void run()}>
              {asked === "delete" ? t.common.delete : t.rooms.leave}
            </Button>
          </>
        ) : (
          <>
            <Button icon="door" onClick={() => setAsked("leave")}>
              {t.rooms.leave}
            </Button>
            {owner && (
              <Button icon="trash" onClick={() => setAsked("delete")}>
                {t.rooms.delete}
              </Button>
            )}
          </>
        )}
      </DialogActions>
    </div>
  );
}
