import { Clock } from './clock';
import { isLeftAlone } from './limits';
import { findNow, type DocumentParser } from './parsedDocument';
import { nothingFound, type Findings } from './site';
import { searchCommands } from './shell/searchCommands';

/** Shell scripts: the flags of commands that train, and the variables that flow into them. */
class ShellDocument implements DocumentParser {
  private readonly clock = new Clock();
  private steps: Generator<undefined, Findings> | null = null;
  private found: Findings | null = null;

  get findings(): Findings | null {
    return this.found;
  }

  update(text: string): void {
    this.found = isLeftAlone(text) ? nothingFound : null;
    this.steps = this.found ? null : searchCommands(text);
  }

  work(milliseconds: number): boolean {
    this.clock.start(milliseconds);
    while (this.steps) {
      const next = this.steps.next();
      if (next.done) {
        this.steps = null;
        this.found = next.value;
      } else if (this.clock.isDue()) return false;
    }
    return this.found !== null;
  }
}

export function createParser(): DocumentParser {
  return new ShellDocument();
}

export function findSites(text: string): Findings {
  return findNow(createParser(), text);
}
