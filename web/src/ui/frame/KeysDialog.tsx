import { texts } from "../../texts/index.ts";
import { Dialog, DialogBody } from "../kit/index.ts";
import { closeDialog } from "./dialogs.ts";

const APPLE = /Mac|iPhone|iPad/u.test(navigator.userAgent);

/** The list of keys. */
export function KeysDialog() {
  const t = texts.value.keys;
  const control = APPLE ? "⌘" : "Ctrl";
  const rows: [keys: string[], text: string][] = [
    [[control, "K"], t.jump],
    [["?"], t.list],
    [["Esc"], t.close],
    [["Alt", "↑"], t.previous],
    [["Alt", "↓"], t.next],
    [["Alt", "Shift", "↓"], t.nextUnread],
    [["Alt", "P"], t.people],
    [["Enter"], t.send],
    [["Shift", "Enter"], t.line],
    [["↑"], t.edit],
  ];
  return (
    <Dialog title={t.title} onClose={closeDialog}>
      <DialogBody>
        <dl class="keys">
          {rows.map(([keys, text]) => (
            <div key={text}>
              <dt>
                {keys.map((each) => (
                  <kbd key={each}>{each}</kbd>
                ))}
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </DialogBody>
    </Dialog>
  );
}
