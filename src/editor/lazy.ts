/** A part that is made when it is first needed, once. */
export interface Lazy<T> {
  /** Makes it on the first call; a failure is tried again on the next. */
  load(): Promise<T>;
  /** Null until it is first needed. */
  readonly loaded: T | null;
}

export function lazy<T>(make: () => Promise<T>): Lazy<T> {
  let making: Promise<T> | null = null;
  let made: T | null = null;
  return {
    load: () => {
      making ??= make().then(
        (part) => (made = part),
        (error: unknown) => {
          making = null;
          throw error;
        },
      );
      return making;
    },
    get loaded() {
      return made;
    },
  };
}
