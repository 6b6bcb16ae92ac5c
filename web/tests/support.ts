// Helpers of the tests.

/** Resolves to the first value of `read` that is truthy; rejects after some seconds with the last one. */
export async function eventually<T>(read: () => T, seconds = 10): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(value)} after ${seconds} s: ${read}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
