import { plainCounting, type Counting } from '../../site';
import type { Api } from '../knowledge/apis';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';
import { argumentOf } from './callArguments';
import type { TextOf } from './insertions';
import { numbersOf } from './numbers';

/** TRL's default: https://huggingface.co/docs/trl/grpo_trainer#trl.GRPOConfig */
const usualGenerations = 8;

/** How the framework behind a call counts updates, by what it is given. */
export function countingOf(program: Program, call: CallExpr, api: Api): Counting {
  if (program.language !== 'python') return plainCounting;
  const given = (...names: readonly string[]): Expr | null =>
    call.args.find(({ keyword }) => keyword !== null && names.includes(keyword))?.value ?? null;
  const count = (...names: readonly string[]): number | null => countOf(program, given(...names));
  switch (api.library) {
    case 'transformers': {
      const completions = api.parameters.batchSize?.counts === 'completions';
      return {
        ...plainCounting,
        steps: count('max_steps'),
        packs: isTrue(program, given('packing')),
        generations: completions ? (count('num_generations') ?? usualGenerations) : null,
        automatic: isTrue(program, given('auto_find_batch_size')) ? 'auto_find_batch_size' : null,
      };
    }
    case 'lightning': {
      const devices = count('devices', 'gpus');
      const nodes = count('num_nodes') ?? 1;
      return {
        ...plainCounting,
        devices: devices === null ? null : devices * nodes,
        steps: count('max_steps'),
      };
    }
    default:
      return plainCounting;
  }
}

/** A batch size that a library is asked to choose, as it is written: `-1`, `0.70`, `auto`. */
export function automaticSize(
  program: Program,
  textOf: TextOf,
  call: CallExpr,
  api: Api,
): string | null {
  const parameter = api.parameters.batchSize;
  const given = parameter && argumentOf(program, call, api, parameter);
  if (!given) return null;
  const { expr } = given;
  if (expr.type === 'string') return expr.value === 'auto' ? expr.value : null;
  const { chunk, from, to } = expr;
  const text = textOf(call).slice(chunk.base + from, chunk.base + to);
  return chunk.cell === call.chunk.cell && Number.isFinite(Number(text)) ? text : null;
}

/** A number of something: what is known of it, and possible. */
function countOf(program: Program, expr: Expr | null): number | null {
  const [found, ...others] = expr ? numbersOf(program, expr) : [];
  if (!found || others.some(({ value }) => value !== found.value)) return null;
  return Number.isInteger(found.value) && found.value >= 1 ? found.value : null;
}

function isTrue(program: Program, expr: Expr | null): boolean {
  if (!expr || lastName(expr) === 'None') return false;
  return program.resolve(expr).some(({ expr: value }) => value.type === 'opaque' && value.flag);
}
