/** The small components that all views share. */
export { Avatar, initial, personClass } from "./Avatar.tsx";
export { Badge } from "./Badge.tsx";
export { Button, IconButton } from "./Button.tsx";
export { Dialog, DialogActions, DialogBody } from "./Dialog.tsx";
export { Check, Field, Select } from "./Field.tsx";
export { Icon, type IconName } from "./Icon.tsx";
export { Menu, MenuButton, type MenuEntry, type MenuItem, type MenuPlace } from "./Menu.tsx";
export { toast, Toasts } from "./Toast.tsx";
