// A TCP proxy that cuts its connections.

import { createServer, connect, type AddressInfo, type Socket } from "node:net";

/** A proxy on loopback in front of a port. */
export class CutProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #server = createServer((near) => this.#accept(near));

  private constructor(private readonly port: number) {}

  static async before(port: number): Promise<CutProxy> {
    const proxy = new CutProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Resets all connections. */
  reset(): void {
    for (const sockets of this.#pairs) for (const each of sockets) each.resetAndDestroy();
  }

  /** Keeps all connections open, but forwards nothing from the server any more. */
  mute(): void {
    for (const [near, far] of this.#pairs) {
      far.unpipe(near);
      far.resume();
    }
  }

  close(): void {
    this.reset();
    this.#server.close();
  }

  #accept(near: Socket): void {
    const far = connect(this.port, "127.0.0.1");
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const each of pair) {
      each.on("error", () => undefined);
      each.on("close", () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}
