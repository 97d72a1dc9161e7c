// Does this keydown send the message? Enter does, Shift+Enter breaks the line. While an input method composes, Enter
// belongs to it; Safari ends the composition before the keydown and is known only by the key code 229.
export function sends({ key, shiftKey, isComposing, keyCode }) {
  return key === "Enter" && !shiftKey && !isComposing && keyCode !== 229;
}
