// A wire for node: `ws` in place of the browser's WebSocket, and the session cookie in memory.

import { WebSocket } from "ws";

import { createWire, type Socket, type Wire } from "../src/wire/wire.ts";

/** The cookies of one browser: several wires with the same jar are its tabs. */
export class Jar {
  readonly #cookies = new Map<string, string>();

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  take(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0]!.split(/=(.*)/s);
      if (value) this.#cookies.set(name!, value);
      else this.#cookies.delete(name!);
    }
  }
}

/** Returns a wire to the server at a URL, as a page of this server. `called` is called with the name of each method. */
export function nodeWire(base: string, jar = new Jar(), called: (method: string) => void = () => undefined): Wire {
  const origin = new URL(base).origin;
  return createWire({
    base,
    fetch: async (url, init) => {
      called(String(url).split("/").at(-1)!);
      const headers = new Headers(init?.headers);
      headers.set("origin", origin);
      if (jar.header) headers.set("cookie", jar.header);
      const response = await fetch(url, { ...init, headers });
      jar.take(response);
      return response;
    },
    openSocket: (url) => {
      const socket = new WebSocket(url, { origin, headers: jar.header ? { cookie: jar.header } : {} });
      // `ws` throws an error without a listener; `onclose` follows it.
      socket.on("error", () => undefined);
      return socket as unknown as Socket;
    },
  });
}
