import { isEvaluationTarget, plainName } from '../../names';
import type { Library } from '../../site';
import { factsOf } from './chunkFacts';
import { ChunkIndex } from './chunkIndex';
import { fieldDeclaration, type Declaration } from './declarations';
import { callKey, classKey, memberKey, nameKey, returnKey, settingKey } from './keys';
import type { Reads } from './reads';
import {
  isWithin,
  type Binding,
  type CallExpr,
  type Chunk,
  type ClassInfo,
  type Expr,
  type FunctionInfo,
  type NameExpr,
  type Place,
  type Scope,
} from '../read/syntax';

export type Language = 'python' | 'javascript';

/** The names of a program, and what chunks see of each other: every look at another is noted. */
export abstract class ProgramNames {
  chunks: readonly Chunk[] = [];
  /** The machine-learning libraries it imports. */
  libraries: ReadonlySet<Library> = new Set();
  /** The machine-learning module whose names were all imported. */
  star: string | null = null;
  readonly #index = new ChunkIndex();
  readonly #names = this.#index.table(({ names }, key) => names.get(key));
  readonly #fields = this.#index.table(({ fields }, key) => fields.get(key));
  readonly #methods = this.#index.table(({ methods }, key) => methods.get(key));
  readonly #returns = this.#index.table(({ returns }, key) => returns.get(key));
  readonly #callers = this.#index.table(({ callers }, name) => callers.get(name), callKey);
  readonly #settings = this.#index.derived((name) => this.#gatherSettings(name), settingKey);

  constructor(
    readonly language: Language,
    protected readonly reads: Reads,
  ) {}

  /**
   * Takes the chunks as they are now, in order.
   * @param changed the keys of all chunks that came, went or moved since the last call
   */
  gather(chunks: readonly Chunk[], changed: ReadonlySet<string>): Generator<undefined> {
    this.chunks = chunks;
    return this.#index.update(chunks, changed);
  }

  /** The binding a name refers to: the nearest one before it, or the last of an outer function. */
  lookup(name: NameExpr): Binding | null {
    const position = order(name);
    let crossed = false;
    for (let scope: Scope | null = name.scope; scope; scope = scope.parent) {
      const visible = scope.kind !== 'class' || scope === name.scope;
      // Also for the names that the chunk around a long body binds further out.
      if (scope.shared) this.reads.note(nameKey(scope.shared, name.name));
      const list = visible ? this.#bindingsOf(scope, name.name) : undefined;
      if (list) {
        if (crossed) return list.findLast((binding) => binding.role !== 'loop') ?? null;
        const before = list.findLast(
          (binding) => order(binding) < position && !within(name, binding),
        );
        return before ?? list[0] ?? null;
      }
      crossed ||= scope.kind === 'function';
    }
    return null;
  }

  #bindingsOf(scope: Scope, name: string): readonly Binding[] | undefined {
    const own = scope.bindings.get(name);
    const { shared } = scope;
    const added = shared ? this.#names.get(nameKey(shared, name)) : undefined;
    if (!own || !added) return own ?? added;
    return [...own, ...added].sort((a, b) => order(a) - order(b));
  }

  callsOf(name: string): readonly CallExpr[] {
    this.reads.note(callKey(name));
    return this.#callers.get(name) ?? [];
  }

  /** The calls of that name in a chunk; all there are where a long body was left out of it. */
  callsIn(chunk: Chunk, name: string): readonly CallExpr[] {
    return chunk.bodies.length > 0 ? this.callsOf(name) : (factsOf(chunk).callers.get(name) ?? []);
  }

  /** The places that set an option, field or key of that name, whatever its spelling. */
  protected settingsOf(name: string): readonly Declaration[] {
    const plain = plainName(name);
    this.reads.note(settingKey(plain));
    return this.#settings.get(plain) ?? [];
  }

  #gatherSettings(plain: string): readonly Declaration[] {
    const givers = this.#index.giversOf(settingKey(plain)).map(factsOf);
    const fields = new Set(givers.flatMap(({ fieldKeys }) => fieldKeys.get(plain) ?? []));
    return [
      ...givers.flatMap(({ optionsByName }) => optionsByName.get(plain) ?? []),
      ...givers.flatMap(({ settingsByName }) => settingsByName.get(plain) ?? []),
      // Of several values only the first is what a field is set up with.
      ...[...fields].flatMap((key) => {
        const first = this.#fields.get(key)?.[0];
        return (first && fieldDeclaration(first)) ?? [];
      }),
    ];
  }

  /** Whether something of that name is set on what is called `owner`: `owner.name = …`. */
  sets(owner: string, name: string): boolean {
    return this.settingsOf(name).some((declaration) => declaration.owner === owner);
  }

  /** The places of a chunk that set an option, field or key. */
  declaredIn(chunk: Chunk): readonly Declaration[] {
    const { options, settings, fields } = factsOf(chunk);
    const declared = [...options, ...settings];
    for (const [key, [field]] of fields) {
      const declaration = field && fieldDeclaration(field);
      if (!declaration) continue;
      // Of several values only the first is what the field is set up with.
      this.reads.note(key);
      if (this.#fields.get(key)?.[0] === field) declared.push(declaration);
    }
    return declared;
  }

  /** The values of a field that a class itself gives it, in order; undefined for none. */
  fieldsOf({ fields, open }: ClassInfo, name: string): readonly Binding[] | undefined {
    const own = fields.get(name);
    if (open.length === 0) return own;
    const all = [...(own ?? [])];
    for (const scope of open) {
      const key = memberKey(scope, name);
      this.reads.note(key);
      all.push(...(this.#fields.get(key) ?? []));
    }
    return all.length > 0 ? all : undefined;
  }

  protected basesOf({ bases, open }: ClassInfo): readonly Expr[] {
    for (const scope of open) this.reads.note(classKey(scope));
    return bases;
  }

  #methodOf({ methods, open }: ClassInfo, name: string): FunctionInfo | null {
    let found = methods.get(name) ?? null;
    for (const scope of open) {
      const key = memberKey(scope, name);
      this.reads.note(key);
      found = this.#methods.get(key)?.at(-1) ?? found;
    }
    return found;
  }

  returnsOf({ returns, open }: FunctionInfo): readonly Expr[] {
    if (open.length === 0) return returns;
    return [
      ...returns,
      ...open.flatMap((scope) => {
        const key = returnKey(scope);
        this.reads.note(key);
        return this.#returns.get(key) ?? [];
      }),
    ];
  }

  functionOf(callee: Expr): FunctionInfo | null {
    if (callee.type === 'name') {
      const binding = this.lookup(callee);
      if (binding?.functionInfo) return binding.functionInfo;
      return binding?.value?.type === 'function' ? binding.value.info : null;
    }
    if (callee.type === 'member' && callee.object.type === 'name') {
      const { object } = callee;
      if (object.name === 'self' || object.name === 'this')
        return object.scope.classInfo && this.#methodOf(object.scope.classInfo, callee.property);
    }
    return null;
  }

  classOf(callee: Expr): ClassInfo | null {
    return callee.type === 'name' ? (this.lookup(callee)?.classInfo ?? null) : null;
  }

  /**
   * What the calls of a function pass for one of its parameters.
   * @param training leaves out calls that make something for evaluation
   */
  argumentsFor(owner: FunctionInfo, index: number, name: string, training = false): Expr[] {
    const method = owner.owner !== null;
    const constructs = owner.name === '__init__' || owner.name === 'constructor';
    const known = constructs ? (owner.owner?.classInfo?.name ?? null) : owner.name;
    if (known === null) return [];
    const self = method && this.language === 'python' ? 1 : 0;
    const completed = this.#givenAhead(known, name);
    const passedTo = this.callsOf(known).flatMap((call) => {
      const { args, target } = call;
      if (training && target !== null && isEvaluationTarget(target)) return [];
      if (args.some(({ spread, keyword }) => spread && keyword === null && index > 0)) return [];
      const passed =
        args.find(({ keyword }) => keyword !== null && keyword === name) ??
        args.filter(({ keyword }) => keyword === null)[index - self];
      if (!passed || passed.spread || (index - self < 0 && passed.keyword === null)) return [];
      return [passed.value];
    });
    return [...completed, ...passedTo];
  }

  /** What `partial(make, size=32)` gives a function by name. */
  #givenAhead(known: string, name: string): Expr[] {
    if (this.language !== 'python') return [];
    return this.callsOf('partial').flatMap(({ args: [first, ...given] }) => {
      if (first?.value.type !== 'name' || first.value.name !== known) return [];
      return given.flatMap(({ keyword, value }) => (keyword === name ? [value] : []));
    });
  }
}

/** Where something stands in the whole program, cells in order. */
export function order(at: Place): number {
  return at.chunk.cell * 2 ** 32 + at.chunk.base + at.from;
}

/** A name inside the value that is being bound (`ds = ds.map(f)`) means the earlier binding. */
function within(name: NameExpr, { role, value }: Binding): boolean {
  return role === 'variable' && value !== null && isWithin(name, value);
}
