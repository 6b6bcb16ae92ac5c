/** The field in which messages are written; null while none is shown. */
export const composer: { current: HTMLTextAreaElement | null } = { current: null };
