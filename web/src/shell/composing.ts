/**
 * Returns whether a key belongs to the input method, which composes a text: Enter, arrows and Escape choose there.
 * Safari sends the key code 229 after the end of the composition.
 */
export function composes(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
