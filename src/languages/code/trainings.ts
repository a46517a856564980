import { compareSpans } from '../siteBuilder';
import type { Call, Insertion, Site, SiteKind, Training } from '../site';
import type { Api } from './apis';
import { insertionsFor } from './insertions';
import { numbersOf } from './numbers';
import { lastName } from './passThrough';
import { samplesOf } from './samples';
import type { Search } from './search';
import type { CallExpr, Expr } from './syntax';

/** One training per call that trains; where none does, per call that makes its batches or settings. */
export function* findTrainings(search: Search): Generator<undefined, Training[]> {
  const calls = [...search.apis].filter(([call]) => !search.evaluations.has(call));
  const role = (wanted: Api['role']) => calls.filter(([, api]) => api.role === wanted);
  const settings = role('settings');
  const trains = role('trains');
  const chosen = trains.length + settings.length > 0 ? [...trains, ...settings] : role('batches');
  const trainings: Training[] = [];
  for (const [call, api] of chosen) {
    trainings.push(trainingOf(search, call, api));
    yield;
  }
  if (trainings.length === 0) trainings.push(...looseTraining(search));
  return trainings.sort((a, b) => compareSpans(a.call.range, b.call.range));
}

function trainingOf(search: Search, call: CallExpr, api: Api): Training {
  const own = search.sitesOf(call);
  const samples = api.samples === null ? undefined : call.args[api.samples];
  const batches = samples ? batchesIn(search, samples.value) : null;
  const x = samples && !samples.spread ? samplesOf(search.program, samples.value) : null;
  const datasetSize = x && search.addNumber('datasetSize', x);
  const insertions: Partial<Record<SiteKind, Insertion>> = insertionsFor(search, call, api, own);
  // The rest belongs to it where the program leaves no doubt. A library's own default is no doubt.
  const only = (kind: SiteKind): Site | null =>
    own[kind] ?? (insertions[kind] ? null : search.only(kind));
  return {
    call: search.describe(call, api.library),
    batchSize:
      known(own.batchSize) ??
      batches ??
      onlyBatchSize(search, call, insertions) ??
      own.batchSize ??
      null,
    epochs: only('epochs'),
    datasetSize: datasetSize ?? own.datasetSize ?? null,
    accumulation: own.accumulation ?? search.only('accumulation'),
    learningRate: own.learningRate ?? search.only('learningRate'),
    validationSplit: validationSplit(search, call, api),
    insertions,
  };
}

function known(site: Site | undefined): Site | null {
  return site && site.value !== null ? site : null;
}

function onlyBatchSize(
  search: Search,
  call: CallExpr,
  insertions: Partial<Record<SiteKind, Insertion>>,
): Site | null {
  return insertions.batchSize || search.otherwise.has(call) ? null : search.only('batchSize');
}

/** The batch size of the dataset a training is given: of the `.batch(n)` in its chain. */
function batchesIn(search: Search, samples: Expr): Site | null {
  const { program } = search;
  const queue: Expr[] = [samples];
  for (let steps = 0; steps < 40; steps++) {
    const expr = queue.shift();
    if (!expr) return null;
    for (const { expr: value } of program.resolve(expr)) {
      if (value.type !== 'call') continue;
      const site = search.apis.get(value)?.role === 'batches' && search.sitesOf(value).batchSize;
      if (site) return site;
      if (value.callee.type === 'member') queue.push(value.callee.object);
      const [first] = value.args;
      if (first && (lastName(value.callee) === 'zip' || value.callee.type === 'name'))
        queue.push(first.value);
    }
  }
  return null;
}

function validationSplit({ program }: Search, call: CallExpr, api: Api): number | null {
  const keyword = call.args.find((argument) => argument.keyword === 'validation_split');
  let expr = keyword?.value;
  if (!expr && api.options !== null) {
    const options = call.args[api.options];
    for (const { expr: value } of options ? program.resolve(options.value) : [])
      if (value.type === 'object')
        expr ??= value.entries.find(({ key }) => key === 'validationSplit')?.value;
  }
  const [found] = expr ? numbersOf(program, expr) : [];
  return found && found.value > 0 && found.value < 1 ? found.value : null;
}

/** A training loop written out, with batches of its own making: named after the loop over epochs. */
function looseTraining(search: Search): Training[] {
  const batchSize = search.only('batchSize');
  if (!batchSize || search.evidence.library === null) return [];
  const call = loopCall(search);
  if (!call) return [];
  const only = (kind: SiteKind): Site | null => search.only(kind);
  return [
    {
      call,
      batchSize,
      epochs: only('epochs'),
      datasetSize: only('datasetSize'),
      accumulation: only('accumulation'),
      learningRate: only('learningRate'),
      validationSplit: null,
      insertions: {},
    },
  ];
}

function loopCall(search: Search): Call | null {
  const library = search.evidence.library ?? 'unknown';
  const [loop] = search.epochLoops;
  if (loop) {
    const { chunk, from } = loop;
    const nameRange = search.span({ chunk, from, to: from + 3 });
    return { name: `for ${loop.variable}`, range: search.span(loop), nameRange, library };
  }
  const backward = search.program.calls.find(({ callee }) => lastName(callee) === 'backward');
  return backward ? search.describe(backward, library) : null;
}
