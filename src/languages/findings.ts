import { compareSpans } from './siteBuilder';
import { siteKinds, type Call, type Findings, type Site, type Span, type Training } from './site';

/** Findings of parts of a document as those of the whole, in document order. */
export function* joined(parts: readonly Findings[]): Generator<undefined, Findings> {
  function* all<T>(
    of: (part: Findings) => readonly T[],
    spanOf: (item: T) => Span,
  ): Generator<undefined, T[]> {
    const list: T[] = [];
    for (const part of parts) {
      for (const item of of(part)) list.push(item);
      yield;
    }
    return list.sort((a, b) => compareSpans(spanOf(a), spanOf(b)));
  }
  return {
    sites: yield* all(({ sites }) => sites, rangeOf),
    inferences: yield* all(({ inferences }) => inferences, rangeOf),
    trainings: yield* all(
      ({ trainings }) => trainings,
      ({ call }) => call.range,
    ),
    layers: yield* all(({ layers }) => layers, rangeOf),
    hints: yield* all(({ hints }) => hints, rangeOf),
    ...ofProgram(parts),
  };
}

/** What parts say of their whole program: of several in one document the first. */
function ofProgram(parts: readonly Findings[]): Pick<Findings, 'lone' | 'uses'> {
  const lone = parts.find((part) => part.lone)?.lone;
  const uses = parts.find((part) => part.uses)?.uses;
  return { ...(lone ? { lone } : {}), ...(uses ? { uses } : {}) };
}

function rangeOf({ range }: { readonly range: Span }): Span {
  return range;
}

/**
 * Findings at other places: trainings share their sites as before. This is done for most of a long
 * document at each keystroke: objects written out are made ten times as fast as copies.
 */
export function moved(findings: Findings, move: (span: Span) => Span): Findings {
  const moveCall = ({ name, range, nameRange, library }: Call): Call => ({
    name,
    range: move(range),
    nameRange: move(nameRange),
    library,
  });
  const moveSite = (site: Site): Site => ({
    kind: site.kind,
    value: site.value,
    range: move(site.range),
    name: site.name,
    nameRange: site.nameRange && move(site.nameRange),
    uses: site.uses.map(move),
    call: site.call && moveCall(site.call),
    spelling: site.spelling,
    counts: site.counts,
  });
  const sites = findings.sites.map(moveSite);
  const siteOf = (site: Site | null): Site | null =>
    site && (sites[findings.sites.indexOf(site)] ?? moveSite(site));
  return {
    sites,
    inferences: findings.inferences.map(moveSite),
    trainings: findings.trainings.map((training): Training => {
      const { droppingLast } = training;
      return {
        ...training,
        call: moveCall(training.call),
        batchSize: siteOf(training.batchSize),
        epochs: siteOf(training.epochs),
        datasetSize: siteOf(training.datasetSize),
        accumulation: siteOf(training.accumulation),
        learningRate: siteOf(training.learningRate),
        ...(droppingLast ? { droppingLast: { ...droppingLast, at: move(droppingLast.at) } } : {}),
        insertions: moveInsertions(training.insertions, move),
      };
    }),
    layers: findings.layers.map((layer) => ({ ...layer, range: move(layer.range) })),
    hints: findings.hints.map(({ samples, range }) => ({ samples, range: move(range) })),
    ...ofProgram([findings]),
  };
}

function moveInsertions(
  insertions: Training['insertions'],
  move: (span: Span) => Span,
): Training['insertions'] {
  const all: Training['insertions'] = {};
  for (const kind of siteKinds) {
    const insertion = insertions[kind];
    if (insertion) all[kind] = { ...insertion, at: move(insertion.at) };
  }
  return all;
}
