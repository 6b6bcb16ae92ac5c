import type { Message } from "../../engine/api.ts";
import { clockTime, fullTime, shortTime } from "../../talk/times.ts";
import { intlLocale, texts } from "../../texts/index.ts";
import { errorText } from "../engine.ts";
import { Avatar, Button, Icon, personClass } from "../kit/index.ts";
import { MessageTools } from "./MessageTools.tsx";
import { Quote } from "./Quote.tsx";
import { Reactions } from "./Reactions.tsx";
import { useTalk } from "./state.ts";
import { Text } from "./Text.tsx";

/** A message; the first one of a group has the avatar, the name and the time. */
export function MessageRow({ message, head }: { message: Message; head: boolean }) {
  const talk = useTalk();
  const { author } = message;
  const classes = ["message", message.state, head && "head", message.mentionsMe && "mentions-me", message.changing && "changing"];
  if (message.sequence > 0 && talk.highlighted.value === message.sequence) classes.push("highlighted");
  const show = () => (talk.tools.value = message.id);
  return (
    <article
      class={classes.filter(Boolean).join(" ")}
      data-row
      data-sequence={message.sequence || undefined}
      tabIndex={talk.activeKey.value === message.id ? 0 : -1}
      aria-label={texts.value.talk.messageOf(author.name, clockTime(intlLocale.value, message.time))}
      onPointerEnter={show}
      onFocusIn={() => {
        talk.active.value = message.id;
        show();
      }}
    >
      {head ? <Avatar number={author.number} name={author.name} /> : <Time message={message} short />}
      <div class="message-body">
        {head && (
          <header class="message-head">
            <span class={`name ${personClass(author.number)}`} dir="auto">
              {author.name}
            </span>
            <Time message={message} />
          </header>
        )}
        {message.replyTo > 0 && <Quote sequence={message.replyTo} />}
        <Body message={message} />
        <Reactions message={message} />
        <State message={message} />
      </div>
      {talk.tools.value === message.id && message.sequence > 0 && <MessageTools message={message} />}
    </article>
  );
}

function Time({ message, short = false }: { message: Message; short?: boolean }) {
  return (
    <time class={`time ${short ? "side-time" : ""}`} dateTime={new Date(message.time).toISOString()} title={fullTime(intlLocale.value, message.time)}>
      {(short ? shortTime : clockTime)(intlLocale.value, message.time)}
    </time>
  );
}

function Body({ message }: { message: Message }) {
  const talk = useTalk();
  const t = texts.value.talk;
  if (message.deleted) return <p class="text deleted">{t.deleted}</p>;
  return (
    <>
      <Text text={message.text} names={talk.names(message)} me={talk.engine.me.value?.number ?? 0} />
      {message.editTime > 0 && (
        <span class="edited" title={fullTime(intlLocale.value, message.editTime)}>
          {t.edited}
        </span>
      )}
    </>
  );
}

/** The state of an own message: on its way, refused, or read by the other user. */
function State({ message }: { message: Message }) {
  const talk = useTalk();
  const t = texts.value.talk;
  if (message.state === "sending") {
    return (
      <span class="state">
        <Icon name="clock" />
        {t.sending}
      </span>
    );
  }
  if (message.state === "failed") {
    return (
      <div class="state failed" role="alert">
        <Icon name="alert" />
        <span>{message.error ? errorText(message.error) : t.failed}</span>
        <Button onClick={() => talk.conversation.retry(message.id)}>{texts.value.common.retry}</Button>
        <Button onClick={() => talk.conversation.discard(message.id)}>{t.discard}</Button>
      </div>
    );
  }
  if (message.sequence > 0 && message.sequence === talk.readMark.value) {
    return (
      <span class="state">
        <Icon name="check" />
        {t.read}
      </span>
    );
  }
  return null;
}
