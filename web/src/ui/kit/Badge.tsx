/** A count in a pill. `label` is the name for screen readers, for example `3 unread messages`. */
export function Badge({ count, label, kind = "normal" }: { count: number; label: string; kind?: "normal" | "accent" | "danger" }) {
  if (count === 0) return null;
  return (
    <span class={`badge ${kind}`}>
      <span aria-hidden="true">{count > 999 ? "999+" : count}</span>
      <span class="visually-hidden">{label}</span>
    </span>
  );
}
