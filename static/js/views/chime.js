// The sound of a notice: two soft notes, made here.

const NOTES = [[660, 0], [880, 0.12]]; // Hz, and seconds after the first
const LENGTH = 0.35; // seconds of one note
const LOUDNESS = 0.12; // of 1

export class Chime {
  #navigator;
  #context = null;

  constructor(navigator) {
    this.#navigator = navigator;
  }

  // Browsers let a page be heard only after its reader has touched it; until then it stays silent.
  play() {
    if (this.#navigator.userActivation?.hasBeenActive === false) return;
    this.#context ??= new AudioContext();
    this.#context.resume();
    for (const note of NOTES) this.#note(...note);
  }

  #note(pitch, after) {
    const context = this.#context;
    const start = context.currentTime + after;
    const [tone, volume] = [new OscillatorNode(context, { frequency: pitch }), new GainNode(context, { gain: 0 })];
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + LENGTH);
  }
}
