import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "./Button.tsx";
import { Icon, type IconName } from "./Icon.tsx";

export interface MenuItem {
  label: string;
  onSelect: () => void;
  icon?: IconName;
  danger?: boolean;
  /** Set for a choice that is on or off. */
  checked?: boolean;
  disabled?: boolean;
}

export type MenuEntry = MenuItem | "line" | false | null | undefined;

/** Where a menu opens: below an element, or at a point of the window. */
export type MenuPlace = { below: Element } | { x: number; y: number };

const GAP = 4;

function placeOf(place: MenuPlace, width: number, height: number): { left: number; top: number } {
  const box = "below" in place ? place.below.getBoundingClientRect() : new DOMRect(place.x, place.y, 0, 0);
  const fits = box.bottom + GAP + height <= window.innerHeight - GAP;
  const top = fits ? box.bottom + GAP : Math.max(GAP, box.top - GAP - height);
  const wanted = box.left + width <= window.innerWidth - GAP ? box.left : box.right - width;
  return { left: Math.min(Math.max(GAP, wanted), window.innerWidth - width - GAP), top };
}

/** An open menu. Arrows move, letters jump, Escape and Tab close it and give the focus back. */
export function Menu({ label, entries, place, onClose }: { label: string; entries: readonly MenuEntry[]; place: MenuPlace; onClose: () => void }) {
  const menu = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ left: number; top: number } | null>(null);

  useLayoutEffect(() => {
    const shown = menu.current;
    if (shown) setAt(placeOf(place, shown.offsetWidth, shown.offsetHeight));
  }, []);

  useEffect(() => {
    const before = document.activeElement;
    const shown = menu.current;
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) onClose();
    };
    // In the capture phase: a click on another button both closes this menu and does its work.
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", onClose);
      // The focus is at the body if the menu has left the document already.
      const inside = document.activeElement === document.body || shown?.contains(document.activeElement);
      if (inside && before instanceof HTMLElement) before.focus();
    };
  }, []);

  // A hidden element takes no focus, so the first item gets it once the menu has its place.
  useEffect(() => {
    if (at) items(menu.current)[0]?.focus();
  }, [at !== null]);

  const shown = entries.filter((each): each is MenuItem | "line" => Boolean(each));
  return (
    <div
      ref={menu}
      class="menu"
      role="menu"
      aria-label={label}
      style={at ? { left: `${at.left}px`, top: `${at.top}px` } : { visibility: "hidden" }}
      onKeyDown={(event) => onKey(event, menu.current, onClose)}
    >
      {shown.map((each, index) =>
        each === "line" ? (
          <hr key={index} role="separator" />
        ) : (
          <button
            key={index}
            type="button"
            class={`menu-item ${each.danger ? "danger" : ""}`}
            tabIndex={-1}
            disabled={each.disabled ?? false}
            {...(each.checked === undefined ? { role: "menuitem" as const } : { role: "menuitemcheckbox" as const, "aria-checked": each.checked })}
            onClick={() => {
              onClose();
              each.onSelect();
            }}
          >
            {each.icon && <Icon name={each.icon} />}
            <span class="truncate">{each.label}</span>
          </button>
        ),
      )}
    </div>
  );
}

function items(menu: HTMLElement | null): HTMLButtonElement[] {
  return [...(menu?.querySelectorAll<HTMLButtonElement>(".menu-item:not(:disabled)") ?? [])];
}

function onKey(event: KeyboardEvent, menu: HTMLElement | null, onClose: () => void): void {
  const all = items(menu);
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  const step = (to: number) => all[(to + all.length) % all.length]?.focus();
  if (event.key === "ArrowDown") step(at + 1);
  else if (event.key === "ArrowUp") step(at - 1);
  else if (event.key === "Home") step(0);
  else if (event.key === "End") step(-1);
  else if (event.key === "Escape" || event.key === "Tab") onClose();
  else if (event.key.length === 1 && /\S/u.test(event.key) && !event.ctrlKey && !event.metaKey) {
    const turned = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    turned.find((each) => each.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

export interface MenuButtonProps {
  label: string;
  icon?: IconName;
  entries: () => readonly MenuEntry[];
  class?: string;
  /** A face other than an icon; the button then looks like this face. */
  children?: ComponentChildren;
}

/** A button that opens a menu. */
export function MenuButton({ label, icon = "more", entries, class: extra = "", children }: MenuButtonProps) {
  const [open, setOpen] = useState<Element | null>(null);
  const toggle = (event: { currentTarget: Element }) => setOpen(open ? null : event.currentTarget);
  const attributes = { "aria-haspopup": "menu" as const, "aria-expanded": open !== null, onClick: toggle };
  return (
    <>
      {children ? (
        <button type="button" class={extra} {...attributes}>
          <span class="visually-hidden">{label}: </span>
          {children}
        </button>
      ) : (
        <IconButton icon={icon} label={label} class={extra} {...attributes} />
      )}
      {open && <Menu label={label} entries={entries()} place={{ below: open }} onClose={() => setOpen(null)} />}
    </>
  );
}
