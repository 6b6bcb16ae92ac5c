// Bugs that can be built into the engine, to show that the tests find them.

import { readFile } from "node:fs/promises";

const BUGS = {
  "forgets its position": ["session.ts", [["const position = this.#logId", "const position = false"], ["const fresh = welcome.recovery !== Recovery.COMPLETE;", "const fresh = this.#incarnation === '';"]]],
  "a retry has a new request id": ["outbox.ts", [["for (const { request } of this.#waiting.values()) this.send(request);", "for (const { request } of this.#waiting.values()) { if ('requestId' in request.value) request.value.requestId += 'x'; this.send(request); }"]]],
  "no retry after a drop": ["outbox.ts", [["for (const { request } of this.#waiting.values()) this.send(request);", "if (this.#waiting.size > 1e9) this.send(undefined);"]]],
  "own messages twice": ["window.ts", [["|| this.messages.value.some((each) => each.sequence === message.sequence)", ""], ["const all = merge(this.messages.value, [message]);", "const all = [...this.messages.value, message];"]]],
  "a silent connection is alive": ["session.ts", [["if (Date.now() - this.#lastReceived > this.#silence)", "if (this.#silence < 0)"]]],
};

/** Returns the plugin of esbuild that builds a bug into the engine. */
export function planted(name) {
  const bug = BUGS[name];
  if (!bug) throw new Error(`There is no bug ${name}; there are: ${Object.keys(BUGS).join(", ")}`);
  const [file, changes] = bug;
  return {
    name: "planted",
    setup(build) {
      build.onLoad({ filter: new RegExp(`src/engine/${file.replace(".", "\\.")}$`) }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const [good, bad] of changes) {
          if (!contents.includes(good)) throw new Error(`${file} has no line to break: ${good}`);
          contents = contents.replace(good, bad);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}
