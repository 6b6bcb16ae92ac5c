import { askForNotifications, offered } from "../../shell/notify.ts";
import { change } from "../../shell/settings.ts";
import { texts } from "../../texts/index.ts";
import { Button, Icon, IconButton } from "../kit/index.ts";

/** Offers notifications after the first message that came to the user while the page was hidden. */
export function NotificationOffer() {
  if (!offered.value) return null;
  const t = texts.value;
  const allow = async () => {
    offered.value = false;
    if (await askForNotifications()) change({ notifications: "mentions" });
  };
  return (
    <div class="connection" role="status">
      <Icon name="bell" />
      <span>{t.notify.offer}</span>
      <Button onClick={() => void allow()}>{t.notify.allow}</Button>
      <IconButton icon="close" label={t.common.close} onClick={() => (offered.value = false)} />
    </div>
  );
}
