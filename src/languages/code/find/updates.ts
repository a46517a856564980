import { remembered, wordsOf } from '../../names';
import { lastName } from '../program/passThrough';
import { isWithin, calledBy, type CallExpr, type FunctionInfo, type Scope } from '../read/syntax';

/** Calls that change a model's weights, whatever they are called on. */
const updating = new Set(
  'backward fit fit_generator fit_one_cycle fine_tune partial_fit fitDataset train_on_batch trainOnBatch train_step training_step train_one_epoch train_epoch apply_gradients applyGradients apply_updates minimize learn'.split(
    ' ',
  ),
);
const starting = new Set(['run', 'start', 'do', 'launch', 'begin', 'main']);
/** What is called to train: `trainer.train()`, but not `model.train()` of PyTorch. */
const trainers = /train|runner|engine|learner|agent|estimator|solver|task|policy|algo/i;

const namesUpdates = remembered((name: string): boolean => {
  if (updating.has(name)) return true;
  const words = wordsOf(name);
  const trains = words.some((word) => word === 'train' || word === 'training');
  return trains && (words.length === 1 || starting.has(words[0] ?? ''));
});

/** Whether a call makes updates, or starts what makes them: by its name. */
export function makesUpdates({ callee, args }: CallExpr): boolean {
  const name = lastName(callee);
  if (name === 'train' && callee.type === 'member' && args.length === 0)
    return trainers.test(lastName(callee.object));
  return namesUpdates(name);
}

const mocking = new Set(['Mock', 'MagicMock', 'patch', 'create_autospec', 'spyOn', 'mock']);

/**
 * Whether something stands in a function that makes updates, with a model that is no mock.
 * @param outside whether the program makes updates outside all functions
 */
export function updatesAround(scope: Scope, outside: boolean): boolean {
  const around = functionAround(scope);
  if (!around) return outside;
  return preparesTests(around) ? !mocksIn(around) : updatesIn(around);
}

/** The outermost function of a name; of callbacks alone the innermost. */
function functionAround(scope: Scope): FunctionInfo | null {
  let named: FunctionInfo | null = null;
  for (let at: Scope | null = scope; at; at = at.parent)
    if (at.functionInfo && at.functionInfo.name !== null) named = at.functionInfo;
  return named ?? scope.functionInfo;
}

const preparing = new Set(['setUp', 'setUpClass', 'setup_method', 'setup_class', 'setup']);

/** Whether what a function makes is for the functions of other tests. */
function preparesTests({ name, decorators }: FunctionInfo): boolean {
  if (name !== null && preparing.has(name)) return true;
  return decorators.some((decorator) => lastName(calledBy(decorator)) === 'fixture');
}

const known = new WeakMap<FunctionInfo, boolean>();

/** Whether a function makes updates; one whose body is not all read may. */
export function updatesIn(info: FunctionInfo): boolean {
  let makes = known.get(info);
  if (makes === undefined) known.set(info, (makes = info.open.length > 0 || findUpdates(info)));
  return makes;
}

function findUpdates(info: FunctionInfo): boolean {
  return !mocksIn(info) && callsIn(info).some(makesUpdates);
}

/** Whether a function makes, or is given, something that stands for what it is to test. */
function mocksIn(info: FunctionInfo): boolean {
  const given = info.decorators.some((decorator) => {
    const callee = calledBy(decorator);
    const owner = callee.type === 'member' ? lastName(callee.object) : '';
    return mocking.has(lastName(callee)) || mocking.has(owner);
  });
  return given || callsIn(info).some(({ callee }) => mocking.has(lastName(callee)));
}

function callsIn(info: FunctionInfo): readonly CallExpr[] {
  return info.chunk.calls.filter((call) => isWithin(call, info));
}
