import {
  areShape,
  isCurrentEpoch,
  isEvaluationName,
  isLooseSampleCount,
  isPassiveName,
  isStorageName,
  kindOfName,
} from '../names';
import type { SiteKind } from '../site';
import { numbersOf } from './numbers';
import { Pace } from './pace';
import { lastName } from './passThrough';
import type { Declaration } from './program';
import { placeKey, type Search } from './search';
import type { Binding, Expr, ObjectExpr, Place } from './syntax';

/** Constants, defaults, options, fields and keys that are named after what they hold. */
export function* findByName(search: Search): Generator<undefined> {
  const { program, evidence } = search;
  if (!evidence.trains) return;
  const pace = new Pace();
  const ownerOf = yield* ownersOf(search, pace);
  for (const chunk of program.chunks) {
    for (const binding of chunk.bindings) {
      if (pace.isDue()) yield;
      const kind = binding.value && kindOfBinding(binding);
      if (kind && !isElsewhere(contextOf(binding)))
        add(search, kind, binding.name, binding.value, binding);
    }
  }
  for (const declaration of program.declared()) {
    if (pace.isDue()) yield;
    const kind = kindOfName(declaration.name);
    // Without a library to go by, an argument of some call is not enough.
    const loose =
      evidence.library === null && declaration.object && ownerOf.has(declaration.object);
    if (kind && !loose && !isElsewhere(contextOfDeclaration(declaration, ownerOf)))
      add(search, kind, declaration.name, declaration.value, declaration.at);
  }
  for (const chunk of program.chunks) {
    for (const info of chunk.functions) {
      if (pace.isDue()) yield;
      for (const parameter of info.parameters) {
        const kind = parameter.value && kindOfBinding(parameter);
        if (kind && !isElsewhere(contextOf(parameter)))
          add(search, kind, parameter.name, parameter.value, parameter);
      }
    }
  }
}

/** `epoch = 0` counts; a loop's variable holds no setting. */
function kindOfBinding({ name, role, beside }: Binding): SiteKind | null {
  if (role !== 'variable' && role !== 'field' && role !== 'parameter') return null;
  return isCurrentEpoch(name) || areShape(beside) ? null : kindOfName(name);
}

function add(search: Search, kind: SiteKind, name: string, value: Expr, at: Place): void {
  for (const number of numbersOf(search.program, value)) {
    // Something that is named for another thing is that (`batch_size = test_batch_size`).
    if (number.holder && kindOfName(number.holder.name) !== kind) continue;
    if (kind === 'batchSize' && search.stored.has(placeKey(number.at))) continue;
    if (kind === 'datasetSize' && isLooseSampleCount(name) && number.value < 50) continue;
    search.addNumber(kind, { ...number, holder: number.holder ?? { name, at } });
  }
}

/** The names around a setting: what says that it is another system's. */
function contextOf(binding: Binding): string[] {
  const { scope } = binding;
  const names: string[] = [];
  if (scope.functionInfo?.name) names.push(scope.functionInfo.name);
  return names;
}

function contextOfDeclaration(
  { object }: Declaration,
  ownerOf: ReadonlyMap<ObjectExpr, string>,
): string[] {
  if (!object) return [];
  return [object.holder, ownerOf.get(object)].filter((name) => typeof name === 'string');
}

function isElsewhere(names: readonly string[]): boolean {
  return names.some((name) => isStorageName(name) || isEvaluationName(name) || isPassiveName(name));
}

/** The callee that an object literal is an argument of. */
function* ownersOf({ program }: Search, pace: Pace): Generator<undefined, Map<ObjectExpr, string>> {
  const owners = new Map<ObjectExpr, string>();
  for (const { callee, args } of program.calls) {
    if (pace.isDue()) yield;
    for (const { value } of args) if (value.type === 'object') owners.set(value, lastName(callee));
  }
  return owners;
}
