// Bugs that can be built into the engine, to show that the tests find them.

import { readFile } from "node:fs/promises";

const BUGS = {
  "forgets its position": ["session.ts", [["const position = this.#logId", "const position = false"], ["const fresh = welcome.recovery !== Recovery.COMPLETE;", "const fresh = this.#incarnation === '';"]]],
  "a retry has a new request id": ["outbox.ts", [["for (const { request } of this.#waiting.values()) this.send(request);", "for (const [id, waiting] of [...this.#waiting]) { const fresh = newRequestId(); if ('requestId' in waiting.request.value) waiting.request.value.requestId = fresh; this.#waiting.delete(id); this.#waiting.set(fresh, waiting); this.send(waiting.request); }"]]],
  "no retry after a drop": ["outbox.ts", [["for (const { request } of this.#waiting.values()) this.send(request);", "if (this.#waiting.size > 1e9) this.send(undefined);"]]],
  "own messages twice": ["window.ts", [["|| this.messages.value.some((each) => each.sequence === message.sequence)", ""], ["const all = merge(this.messages.value, [message]);", "const all = [...this.messages.value, message];"]]],
  "a resume skips an event": ["session.ts", [["resumeAfter: BigInt(this.#position)", "resumeAfter: BigInt(this.#position + 1)"]]],
  "a reload skips events": ["engine.ts", [["this.#session.resumeAt(position);", "this.#session.resumeAt({ ...position, sequence: position.sequence + 3 });"]]],
  "an event counts twice": ["session.ts", [["resumeAfter: BigInt(this.#position)", "resumeAfter: BigInt(Math.max(this.#position - 1, 0))"], ["if (Number(sequence) <= this.#position) return;", ""]]],
  "an edit is not shown": ["engine.ts", [["return this.#edited(", "return void ("]]],
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
