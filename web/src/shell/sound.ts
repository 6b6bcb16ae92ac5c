let context: AudioContext | null = null;

/** Plays a short soft tone of two notes. Does nothing before the first key or click: browsers forbid it. */
export async function playTone(): Promise<void> {
  context ??= new AudioContext();
  if (context.state === "suspended" && navigator.userActivation?.hasBeenActive === false) return;
  await context.resume();
  const start = context.currentTime;
  for (const [index, frequency] of [659.3, 880].entries()) {
    const begin = start + index * 0.11;
    const tone = new OscillatorNode(context, { type: "sine", frequency });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(0.12, begin + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0008, begin + 0.3);
    tone.connect(volume).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.32);
  }
}
