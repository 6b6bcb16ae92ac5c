/** The small components that all views share. */
export { Avatar, initial, personClass } from "./Avatar.js";
export { Badge } from "./Badge.js";
export { Button, IconButton } from "./Button.js";
export { Dialog, DialogActions, DialogBody } from "./Dialog.js";
export { Check, Field, Select } from "./Field.js";
export { Icon, type IconName } from "./Icon.js";
export { Menu, MenuButton, type MenuEntry, type MenuItem, type MenuPlace } from "./Menu.js";
export { toast, Toasts } from "./Toast.js";
