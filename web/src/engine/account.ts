// Sign-in, registration and the password.

import type { Wire } from "../wire/wire.ts";
import { callFailure, ChatFailure, milliseconds } from "../wire/errors.ts";
import type { BrowserSignIn, DeviceSignIn, SignInOptions, TokenRow } from "./api.ts";
import { timeOf } from "./messages.ts";
import { pages } from "./reader.ts";

/** The methods of `AccountService` for a page. `signedIn` is called after each sign-in. */
export class Account {
  constructor(
    private readonly wire: Wire,
    private readonly signedIn: () => void,
  ) {}

  async options(): Promise<SignInOptions> {
    const { registration, guests, issuer } = await call(this.wire.account.getSignInOptions({}));
    return { registration, guests, issuer: issuer && { issuer: issuer.issuer, clientId: issuer.clientId } };
  }

  async signIn(name: string, password = ""): Promise<void> {
    await call(this.wire.account.signIn({ name, password }));
    this.signedIn();
  }

  async register(name: string, password: string, inviteCode = ""): Promise<void> {
    await call(this.wire.account.register({ name, password, inviteCode }));
    await this.signIn(name, password);
  }

  async startDeviceSignIn(): Promise<DeviceSignIn> {
    const started = await call(this.wire.account.startDeviceSignIn({}));
    const expiresAt = Date.now() + (milliseconds(started.lifetime) ?? 0);
    let cancel = (): void => undefined;
    const canceled = new Promise<never>((_, reject) => {
      cancel = () => reject(new ChatFailure("CANCELED", "The sign-in was canceled."));
    });
    const done = Promise.race([canceled, this.#poll(started.signInId, milliseconds(started.interval) ?? 5000, canceled)]);
    return { code: started.userCode, uri: started.verificationUri, completeUri: started.verificationUriComplete, expiresAt, done, cancel };
  }

  async startBrowserSignIn(page: string): Promise<BrowserSignIn> {
    const { url, binding } = await call(this.wire.account.startBrowserSignIn({ redirectUri: page }));
    return { url, binding };
  }

  async finishBrowserSignIn(query: URLSearchParams, binding: string): Promise<void> {
    const given = (name: string) => query.get(name) ?? "";
    await call(this.wire.account.finishBrowserSignIn({ state: given("state"), code: given("code"), issuer: given("iss"), error: given("error"), binding }));
    this.signedIn();
  }

  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    await call(this.wire.account.changePassword({ oldPassword, newPassword }));
  }

  async listTokens(): Promise<readonly TokenRow[]> {
    return call(
      pages(
        (pageToken) => this.wire.account.listTokens({ pageSize: 1000, pageToken }),
        (page) => page.tokens.map((each) => ({ id: each.tokenId, label: each.label, createTime: timeOf(each.createTime), lastUseTime: timeOf(each.lastUseTime) })),
      ),
    );
  }

  async revokeToken(tokenId: string): Promise<void> {
    await call(this.wire.account.revokeToken({ tokenId }));
  }

  async exportData(): Promise<readonly string[]> {
    const records: string[] = [];
    try {
      for await (const each of this.wire.account.exportData({})) records.push(...each.records);
    } catch (error) {
      throw callFailure(error);
    }
    if (!isEnd(records.at(-1))) throw new ChatFailure("UNKNOWN", "The export is not complete.");
    return records;
  }

  async deleteAccount(password: string, deleteMessages: boolean): Promise<void> {
    await call(this.wire.account.deleteAccount({ password, deleteMessages }));
  }

  /** Revokes the session; one that has ended already is no error. */
  async signOut(): Promise<void> {
    try {
      await call(this.wire.account.signOut({}));
    } catch (error) {
      if (!["NOT_SIGNED_IN", "TOKEN_REVOKED", "TOKEN_EXPIRED", "BAD_CREDENTIALS"].includes(callFailure(error).reason)) throw error;
    }
  }

  async #poll(signInId: string, interval: number, canceled: Promise<never>): Promise<void> {
    for (;;) {
      await Promise.race([canceled, new Promise((resolve) => setTimeout(resolve, interval))]);
      const polled = await call(this.wire.account.pollDeviceSignIn({ signInId }));
      if (polled.signIn) return this.signedIn();
      interval = milliseconds(polled.interval) ?? interval;
    }
  }
}

/** Returns whether a record of an export is its last one. */
function isEnd(record: string | undefined): boolean {
  return record !== undefined && (JSON.parse(record) as { record?: unknown }).record === "end";
}

/** Resolves to the response of a call, or rejects with a `ChatFailure`. */
export async function call<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw callFailure(error);
  }
}
