import type { Notice } from "../../engine/api.ts";
import { RoomRole } from "../../engine/api.ts";
import { clockTime, dayName } from "../../talk/times.ts";
import { intlLocale, texts } from "../../texts/index.ts";

/** The line between two days. */
export function DayLine({ time }: { time: number }) {
  return (
    <div class="day-line" role="separator">
      <span>{dayName(intlLocale.value, time, Date.now())}</span>
    </div>
  );
}

/** The line above the first message that was not read when the conversation was opened. */
export function NewLine() {
  return (
    <div class="new-line" role="separator">
      <span>{texts.value.talk.newLine}</span>
    </div>
  );
}

/** A line that says that the room or its members changed. */
export function NoticeLine({ notice }: { notice: Notice }) {
  return (
    <p class="notice-line" dir="auto">
      {noticeText(notice)} <time>{clockTime(intlLocale.value, notice.time)}</time>
    </p>
  );
}

function noticeText(notice: Notice): string {
  const t = texts.value.talk.notices;
  const author = notice.author.name;
  const subject = notice.subject?.name ?? author;
  const own = notice.subject === undefined || notice.subject.number === notice.author.number;
  switch (notice.change) {
    case "created":
      return t.created(author);
    case "joined":
      return own ? t.joined(subject) : t.added(author, subject);
    case "left":
      return own ? t.left(subject) : t.removed(author, subject);
    case "invited":
      return t.invited(author, subject);
    case "role":
      return t.role(author, subject, roleName(notice.role));
    case "updated":
      return notice.topic === "" ? t.updated(author) : t.topic(author, notice.topic);
    case "deleted":
      return t.deleted(author);
  }
}

function roleName(role: RoomRole): string {
  const { roles } = texts.value.talk;
  switch (role) {
    case RoomRole.OWNER:
      return roles.owner;
    case RoomRole.MODERATOR:
      return roles.moderator;
    case RoomRole.MEMBER:
      return roles.member;
    default:
      return roles.reader;
  }
}
