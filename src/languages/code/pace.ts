/** Every how many small pieces of work a search may be stopped. */
const pieces = 16;

/** Says when it is time to yield: a step of a generator costs more than most pieces of work. */
export class Pace {
  private count = 0;

  isDue(): boolean {
    this.count++;
    return this.count % pieces === 0;
  }
}
