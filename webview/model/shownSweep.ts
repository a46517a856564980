import { sizeColours, type ThemeKind } from '../../src/core/report/sizeColours';
import { emptySweep, type SweepState } from '../../src/core/sweep/sweepState';
import type { MemoryChartInput } from '../charts/memoryChart';
import type { PanelState, Phase } from '../store';
import { lossModel, type LossChartInput } from './lossModel';
import { memoryChartModel, throughputModel, type ThroughputModel } from './sizeModels';
import { timeModel, type TimeModel } from './timeModel';
import { axisSizes, summarize, type SizeSummary } from './trials';

/** What the charts show. */
export interface ChartModels {
  readonly time: TimeModel;
  readonly loss: LossChartInput;
  readonly throughput: ThroughputModel;
  readonly memory: MemoryChartInput;
}

/** All that the page computes of a sweep's trials. */
export interface ShownSweep {
  readonly sweep: SweepState;
  readonly summaries: readonly SizeSummary[];
  /** CSS colours by batch size. */
  readonly colours: ReadonlyMap<number, string>;
  readonly models: ChartModels;
}

type Known = Pick<PanelState, 'sweep' | 'compared' | 'ui'>;

/** Null where there is no sweep to show. */
function shownSweep(
  { sweep: known, compared, ui }: Known,
  phase: Phase,
  theme: ThemeKind,
): ShownSweep | null {
  const sweep = sweepIn(phase, known);
  if (!sweep) return null;
  const own = axisSizes(sweep, phase === 'running');
  const sizes = compared
    ? [...new Set([...own, ...axisSizes(compared, false)])].sort((a, b) => a - b)
    : own;
  const summaries = summarize(sweep);
  const earlier = compared ? summarize(compared) : [];
  return {
    sweep,
    summaries,
    colours: sizeColours(sizes, theme),
    models: {
      time: {
        ...timeModel(sweep, summaries, sizes),
        compared: compared ? timeModel(compared, earlier, sizes).reached : [],
      },
      loss: {
        ...lossModel(sweep, summaries, ui.lossAxis),
        hidden: ui.hidden,
        compared: compared ? lossModel(compared, earlier, ui.lossAxis).series : [],
      },
      throughput: throughputModel(sweep, summaries, sizes),
      memory: { ...memoryChartModel(sweep, summaries, sizes), hiddenParts: ui.hiddenParts },
    },
  };
}

function sweepIn(phase: Phase, known: SweepState | null): SweepState | null {
  if (phase === 'waiting') return null;
  // A sweep without events already has its place, so that nothing jumps.
  if (!known) return phase === 'running' ? emptySweep : null;
  // A log that was cut off still has trials that nobody trains.
  return phase === 'interrupted' ? { ...known, running: [], active: null } : known;
}

/** The last sweep shown, as long as it is the same: most draws only follow a pointer. */
export function rememberedSweep(): typeof shownSweep {
  let last: { readonly from: readonly unknown[]; readonly shown: ShownSweep | null } | null = null;
  return (known, phase, theme) => {
    const from = [known.sweep, known.compared, known.ui, phase, theme];
    if (!last?.from.every((part, index) => part === from[index]))
      last = { from, shown: shownSweep(known, phase, theme) };
    return last.shown;
  };
}
