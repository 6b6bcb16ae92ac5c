import "./style/index.css";

import { createEngine } from "./engine/engine.ts";
import { BrowserStore, MemoryStore, type Store } from "./engine/store.ts";
import { Tab } from "./engine/tab.ts";
import { startPage } from "./ui/App.tsx";
import { Middle } from "./ui/Middle.tsx";
import { createWire } from "./wire/wire.ts";

const base = new URL(".", location.href);
/** A host may serve several chats, each under its own path. */
const name = `chat-grpc${base.pathname}`;

/** Opens the store of this page's path. A window that may store nothing keeps it in memory. */
async function openStore(): Promise<Store> {
  try {
    return await BrowserStore.open(name);
  } catch (error) {
    console.warn("Unsent messages and drafts will not survive a reload:", error);
    return new MemoryStore();
  }
}

const engine = createEngine({ wire: createWire({ base: base.href }), store: await openStore(), tab: new Tab(sessionStorage, name), agent: "chat-grpc-web" });
addEventListener("pagehide", () => engine.keep());
const place = document.getElementById("app");
if (!place) throw new Error("The page has no element `app`.");
await startPage(engine, (at) => <Middle at={at} />, place);
