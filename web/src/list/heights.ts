/** The heights of the rows of a list: a Fenwick tree, so that a place is found in logarithmic time. */

export class Heights {
  readonly #heights: Float64Array;
  readonly #sums: Float64Array;

  /** `heights` are in pixels, measured or estimated. */
  constructor(heights: ArrayLike<number>) {
    const count = heights.length;
    this.#heights = Float64Array.from(heights);
    this.#sums = new Float64Array(count + 1);
    for (let at = 1; at <= count; at += 1) {
      this.#sums[at] = (this.#sums[at] ?? 0) + (heights[at - 1] ?? 0);
      const parent = at + (at & -at);
      if (parent <= count) this.#sums[parent] = (this.#sums[parent] ?? 0) + (this.#sums[at] ?? 0);
    }
  }

  get count(): number {
    return this.#heights.length;
  }

  get total(): number {
    return this.top(this.count);
  }

  height(index: number): number {
    return this.#heights[index] ?? 0;
  }

  set(index: number, height: number): void {
    const change = height - this.height(index);
    this.#heights[index] = height;
    for (let at = index + 1; at <= this.count; at += at & -at) this.#sums[at] = (this.#sums[at] ?? 0) + change;
  }

  /** Return the sum of the heights of the rows before `index`. */
  top(index: number): number {
    let sum = 0;
    for (let at = Math.min(index, this.count); at > 0; at -= at & -at) sum += this.#sums[at] ?? 0;
    return sum;
  }

  /** Return the row at a distance from the top: the first one for less, the last one for more. */
  at(distance: number): number {
    let index = 0;
    let left = distance;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(this.count, 1))); step >= 1; step /= 2) {
      const sum = this.#sums[index + step];
      if (sum !== undefined && index + step <= this.count && sum <= left) {
        index += step;
        left -= sum;
      }
    }
    return Math.max(0, Math.min(index, this.count - 1));
  }
}
