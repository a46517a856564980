import { kindOfName } from '../../names';
import { libraryOf } from '../program/frameworks';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';
import { at, named, optimizer, optimizerNames, type Api } from './api';
import { isTfjsDataset } from './datasets';
import { imports } from './imports';

const tfjsOptions = { batchSize: at(null, 'batchSize', 32), epochs: at(null, 'epochs', 1) };

/** What a call of TensorFlow.js does with batch sizes and the like; null for all others. */
export function javascriptApi(program: Program, call: CallExpr): Api | null {
  const { callee } = call;
  if (callee.type !== 'member' || !imports(program, 'tfjs')) return null;
  const name = callee.property;
  const trains = { library: 'tfjs', role: 'trains' } as const;
  switch (name) {
    case 'fit':
      return isForeign(program, callee.object)
        ? null
        : { ...trains, parameters: tfjsOptions, samples: 0, options: 2 };
    case 'fitDataset':
      return { ...trains, parameters: { epochs: at(null, 'epochs') }, samples: 0, options: 1 };
    case 'trainOnBatch':
      return { ...trains, parameters: {}, samples: null, options: null };
    case 'minimize':
      return { ...trains, parameters: {}, samples: null, options: null };
    case 'train': {
      const options = call.args.findIndex(({ value }) => takesEpochs(program, value));
      if (options < 0 || isForeign(program, callee.object)) return null;
      const parameters = {
        ...{ batchSize: at(null, 'batchSize'), epochs: at(null, 'epochs') },
        learningRate: at(null, 'learningRate'),
      };
      return { ...trains, parameters, samples: null, options };
    }
    case 'batch':
    case 'rowMajorBatch':
      return isTfjsDataset(program, callee.object) ? named('tfjs', 0) : null;
    case 'nextTrainBatch':
    case 'nextBatch':
    case 'getTrainBatch':
      return named('tfjs', 0);
    default: {
      const qualified = program.qualify(callee);
      if (qualified === null || !optimizerNames.has(name)) return null;
      return qualified.startsWith('tfjs.train.') || qualified === `tfjs.${name}`
        ? optimizer('tfjs', 0, 'learningRate')
        : null;
    }
  }
}

function takesEpochs(program: Program, value: Expr): boolean {
  return program.resolve(value).some(
    ({ expr }) =>
      expr.type === 'object' &&
      expr.entries.some(({ key }) => {
        const kind = kindOfName(key);
        return kind === 'epochs' || kind === 'batchSize';
      }),
  );
}

/** Whether what made an object is known and has nothing to do with TensorFlow.js. */
function isForeign(program: Program, object: Expr): boolean {
  const origin = program.origin(object);
  if (origin === null || origin.startsWith('.')) return false;
  return libraryOf(origin) !== 'tfjs';
}
