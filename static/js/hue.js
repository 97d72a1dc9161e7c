const HUES = 12; // as many as static/css/hues.css has

// Which hue tells a person from others: the rule of Person.hue in chatroom/people.py.
export function hueOf(id) {
  return [...id].reduce((sum, character) => sum + character.codePointAt(0), 0) % HUES;
}
