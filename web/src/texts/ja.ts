import type { Texts } from "./en.js";
import { pluralOf } from "./plural.js";

const plural = pluralOf("ja");

/** Every text of the page, in Japanese. */
export const ja: Texts = {
  common: {
    close: "閉じる",
    cancel: "キャンセル",
    save: "保存",
    back: "戻る",
    retry: "再試行",
    delete: "削除",
    remove: "削除",
    loading: "読み込み中…",
    more: "その他",
    guest: "ゲスト",
    you: "自分",
    unknownError: "リクエストに失敗しました。もう一度お試しください。",
    offline: "サーバーが応答しません。接続を確認してから、もう一度お試しください。",
    retryIn: (seconds) => `${plural(seconds, { other: "#秒" })}後にもう一度お試しください。`,
  },
};
