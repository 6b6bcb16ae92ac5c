import type { Message, Reaction } from "../../engine/api.ts";
import { texts } from "../../texts/index.ts";
import { IconButton } from "../kit/index.ts";
import { useTalk } from "./state.ts";

/** The reactions below a message. A click adds or removes one's own. */
export function Reactions({ message }: { message: Message }) {
  const talk = useTalk();
  if (message.reactions.length === 0) return null;
  const t = texts.value.talk;
  const may = talk.mayWrite.value;
  return (
    <div class="reactions" role="group" aria-label={t.reactions}>
      {message.reactions.map((each) => (
        <button
          key={each.emoji}
          type="button"
          class="reaction"
          aria-pressed={each.mine}
          aria-label={t.reaction(each.emoji, each.count)}
          title={namesOf(each)}
          disabled={!may}
          onClick={() => talk.react(message, each.emoji)}
        >
          <span aria-hidden="true">{each.emoji}</span>
          <span aria-hidden="true">{each.count}</span>
        </button>
      ))}
      {may && (
        <IconButton
          icon="smile"
          class="reaction-add"
          label={t.addReaction}
          onClick={(event) => (talk.reacting.value = { message, beside: event.currentTarget })}
        />
      )}
    </div>
  );
}

/** The names of those who reacted, as far as they are known. */
function namesOf(reaction: Reaction): string {
  const { talk } = texts.value;
  const names = [...(reaction.mine ? [texts.value.common.you] : []), ...reaction.names];
  const others = reaction.count - names.length;
  return others > 0 ? talk.andOthers(names.join(", "), others) : names.join(", ");
}
