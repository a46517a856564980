/** A number of values that is linear in the batch size: `fixed + perSample·B`. */
export interface Amount {
  readonly perSample: number;
  readonly fixed: number;
}

export const nothing: Amount = { perSample: 0, fixed: 0 };

export function perSample(values: number): Amount {
  return { perSample: values, fixed: 0 };
}

export function fixed(values: number): Amount {
  return { perSample: 0, fixed: values };
}

export function times({ perSample, fixed }: Amount, factor: number): Amount {
  return { perSample: perSample * factor, fixed: fixed * factor };
}

export function sameAmount(a: Amount, b: Amount): boolean {
  return a.perSample === b.perSample && a.fixed === b.fixed;
}

export function valuesAt({ perSample, fixed }: Amount, batchSize: number): number {
  return fixed + perSample * batchSize;
}

/** Those of many amounts that are the largest at some batch size: their upper envelope. */
export function upperEnvelope(amounts: Iterable<Amount>): Amount[] {
  const mostFixed = new Map<number, number>();
  for (const { perSample, fixed } of amounts) {
    mostFixed.set(perSample, Math.max(fixed, mostFixed.get(perSample) ?? -Infinity));
  }
  const lines = [...mostFixed]
    .map(([perSample, fixed]) => ({ perSample, fixed }))
    .sort((a, b) => a.perSample - b.perSample);
  const envelope: Amount[] = [];
  for (const line of lines) {
    while (envelope.length > 0 && isCovered(envelope, line)) envelope.pop();
    envelope.push(line);
  }
  return envelope;
}

/** Whether a steeper line leaves no batch size to the last one of the envelope so far. */
function isCovered(envelope: readonly Amount[], line: Amount): boolean {
  const [before, last] = [envelope.at(-2), envelope.at(-1)];
  if (!last) return false;
  const overtakes = (slow: Amount, fast: Amount) =>
    (slow.fixed - fast.fixed) / (fast.perSample - slow.perSample);
  const from = before ? overtakes(before, last) : 0;
  return overtakes(last, line) <= from;
}
