import { change, settings, type Settings } from "../../shell/settings.ts";
import { askForNotifications } from "../../shell/notify.ts";
import { LANGUAGES, texts } from "../../texts/index.ts";
import { useEngine } from "../engine.ts";
import { closeDialog } from "../frame/dialogs.ts";
import { Check, Dialog, DialogBody, Select } from "../kit/index.ts";
import { OwnData } from "./OwnData.tsx";
import { Sessions } from "./Sessions.tsx";
import { BlockList, BecomeAccount, PasswordChange } from "./Account.tsx";

/** The settings of this browser, and those of the account. */
export function SettingsDialog() {
  const engine = useEngine();
  const me = engine.me.value;
  const t = texts.value.settings;
  return (
    <Dialog title={t.title} onClose={closeDialog}>
      <DialogBody>
        <Appearance />
        <Notifications />
        {me && (
          <section class="settings-part">
            <h3>{t.account}</h3>
            {me.guest ? <BecomeAccount name={me.name} /> : <PasswordChange name={me.name} />}
          </section>
        )}
        <BlockList />
        {me && !me.guest && <Sessions />}
        {me && <OwnData guest={me.guest} />}
        {me && <p class="field-hint">{t.version(me.serverVersion)}</p>}
      </DialogBody>
    </Dialog>
  );
}

function Appearance() {
  const t = texts.value.settings;
  const chosen = settings.value;
  return (
    <section class="settings-part">
      <Select
        label={t.theme}
        value={chosen.theme}
        onValue={(theme) => change({ theme: theme as Settings["theme"] })}
        options={[["system", t.themes.system], ["light", t.themes.light], ["dark", t.themes.dark]]}
      />
      <Select
        label={t.textSize}
        value={chosen.textSize}
        onValue={(textSize) => change({ textSize: textSize as Settings["textSize"] })}
        options={[["small", t.sizes.small], ["normal", t.sizes.normal], ["large", t.sizes.large], ["huge", t.sizes.huge]]}
      />
      <Select
        label={t.language}
        value={chosen.language}
        onValue={(wanted) => change({ language: wanted as Settings["language"] })}
        options={[["auto", t.languageAuto], ...Object.entries(LANGUAGES)]}
      />
    </section>
  );
}

function Notifications() {
  const t = texts.value.settings;
  const chosen = settings.value;
  const denied = "Notification" in window && Notification.permission === "denied";
  const choose = async (wanted: Settings["notifications"]) => {
    if (wanted === "off" || (await askForNotifications())) change({ notifications: wanted });
    else change({ notifications: "off" });
  };
  return (
    <section class="settings-part">
      <Select
        label={t.notifications}
        value={chosen.notifications}
        onValue={(wanted) => void choose(wanted as Settings["notifications"])}
        options={[["off", t.notify.off], ["mentions", t.notify.mentions], ["all", t.notify.all]]}
        {...(denied ? { hint: t.notifyDenied } : {})}
      />
      <Check label={t.sound} checked={chosen.sound} onValue={(sound) => change({ sound })} />
    </section>
  );
}
