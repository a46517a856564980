/**
 * The parts of a program that the search needs, in a form common to all languages: expressions, names and
 * where they are bound, calls, functions and classes. Offsets are relative to the chunk, so that a
 * chunk read once serves until its text changes, wherever edits elsewhere move it.
 */

/** A run of top-level statements that was read as one, and what stands in it. */
export interface Chunk {
  /** Offset of the chunk in its cell; set by every search. */
  base: number;
  cell: number;
  readonly bindings: Binding[];
  readonly calls: CallExpr[];
  readonly assignments: MemberAssignment[];
  readonly objects: ObjectExpr[];
  readonly classes: ClassInfo[];
  readonly functions: FunctionInfo[];
  readonly loops: Loop[];
  readonly hints: HintComment[];
  /** What stands under `with torch.no_grad():`, to run a model and not to train it. */
  readonly passive: Place[];
  /** Where names of batch sizes stand by themselves in Python: where they are read, and where they are set. */
  readonly sizeNames: NameExpr[];
  /** Whether it runs where the file is started as a program: `if __name__ == '__main__'`. */
  isScript: boolean;
  /** Parts that were left out, to be read as chunks of their own. */
  readonly bodies: Body[];
  /** What it adds to scopes, classes and functions of other chunks. */
  readonly exports: Export[];
  /** Modules imported without a name of their own (`from torch import *`, `import './x'`). */
  readonly modules: string[];
}

export function emptyChunk(base: number, cell: number): Chunk {
  return {
    base,
    cell,
    bindings: [],
    calls: [],
    assignments: [],
    objects: [],
    classes: [],
    functions: [],
    loops: [],
    hints: [],
    passive: [],
    sizeNames: [],
    isScript: false,
    bodies: [],
    exports: [],
    modules: [],
  };
}

interface At {
  readonly chunk: Chunk;
  readonly from: number;
  readonly to: number;
}

export type Place = At;

/** Whether a place is a part of another. */
export function isWithin({ chunk, from, to }: Place, outer: Place): boolean {
  return chunk === outer.chunk && outer.from <= from && to <= outer.to;
}

/** A comment that gives the number of samples. */
interface HintComment extends At {
  readonly samples: number;
}

/** A long body inside a chunk: only what stands around it is part of the chunk. */
export interface Body {
  readonly from: number;
  readonly to: number;
  readonly scope: SharedScope;
  /** What the chunk brought in as that scope; null where it had been shared before. */
  readonly own: Scope | null;
}

/** Something read in a scope that another chunk (or none, for the module's) brought in. */
export type Export = { readonly owner: SharedScope } & (
  | { readonly kind: 'name' | 'field'; readonly name: string; readonly binding: Binding }
  | { readonly kind: 'method'; readonly name: string; readonly method: FunctionInfo }
  | { readonly kind: 'return'; readonly value: Expr }
);

interface NumberExpr extends At {
  readonly type: 'number';
  readonly value: number;
}
export interface StringExpr extends At {
  readonly type: 'string';
  readonly value: string;
  readonly quote: string;
}
export interface NameExpr extends At {
  readonly type: 'name';
  readonly name: string;
  readonly scope: Scope;
}
export interface MemberExpr extends At {
  readonly type: 'member';
  readonly object: Expr;
  readonly property: string;
  readonly propertyAt: Place;
}
interface SliceExpr extends At {
  readonly type: 'slice';
  readonly object: Expr;
  readonly start: Expr | null;
  readonly end: Expr | null;
}
export interface CallExpr extends At {
  readonly type: 'call';
  readonly callee: Expr;
  readonly args: readonly Argument[];
  /** Offset just before the closing parenthesis; null when it is missing. */
  readonly close: number | null;
  /** Offset just after the last argument, and whether a comma follows it. */
  readonly lastArgument: { readonly to: number; readonly comma: boolean } | null;
  readonly scope: Scope;
  /** What the result is assigned to, as written: `train_loader`. */
  target: string | null;
}
export interface Argument {
  readonly keyword: string | null;
  readonly keywordAt: Place | null;
  readonly spread: boolean;
  readonly value: Expr;
}
export interface Entry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: Expr;
}
export interface ObjectExpr extends At {
  readonly type: 'object';
  readonly entries: readonly Entry[];
  readonly spreads: readonly Expr[];
  /** Offset just before the closing brace; null when it is missing. */
  readonly close: number | null;
  /** The name it is assigned to or the key it stands under, as written; null for none. */
  holder: string | null;
}
interface ArrayExpr extends At {
  readonly type: 'array';
  readonly items: readonly Expr[];
}
export interface BinaryExpr extends At {
  readonly type: 'binary';
  readonly operator: string;
  readonly left: Expr;
  readonly right: Expr;
}
/** One of several values: conditionals, defaults, `a or b`, `a ?? b`. The likeliest stands first. */
interface ChoiceExpr extends At {
  readonly type: 'choice';
  readonly options: readonly Expr[];
}
/** What a caller passes: an argument by position and keyword. */
export interface ParameterExpr extends At {
  readonly type: 'parameter';
  readonly owner: FunctionInfo;
  readonly index: number;
  readonly name: string;
}
interface FunctionExpr extends At {
  readonly type: 'function';
  readonly info: FunctionInfo;
}
export interface OpaqueExpr extends At {
  readonly type: 'opaque';
  /** The value of `True`, `false` and the like. */
  readonly flag?: boolean;
}

export type Expr =
  | NumberExpr
  | StringExpr
  | NameExpr
  | MemberExpr
  | SliceExpr
  | CallExpr
  | ObjectExpr
  | ArrayExpr
  | BinaryExpr
  | ChoiceExpr
  | ParameterExpr
  | FunctionExpr
  | OpaqueExpr;

export interface Binding extends At {
  readonly name: string;
  readonly role: 'variable' | 'parameter' | 'import' | 'function' | 'class' | 'loop' | 'field';
  readonly value: Expr | null;
  readonly scope: Scope;
  /** The other names of the pattern that binds it: `seq_len` in `batch_size, seq_len = x.shape`. */
  readonly beside: readonly string[];
  /** The qualified name an import stands for: `torch.utils.data.DataLoader`. */
  readonly imported: string | null;
  readonly functionInfo: FunctionInfo | null;
  readonly classInfo: ClassInfo | null;
}

export interface Scope {
  readonly parent: Scope | null;
  readonly kind: 'module' | 'function' | 'class' | 'block';
  /** What the chunk that brought the scope in binds there. */
  readonly bindings: Map<string, Binding[]>;
  /** The class whose body this is, or whose method. */
  readonly classInfo: ClassInfo | null;
  readonly functionInfo: FunctionInfo | null;
  /** Set where other chunks bind names there, too. */
  readonly shared: SharedScope | null;
}

export interface FunctionInfo extends At {
  readonly name: string | null;
  parameters: readonly Binding[];
  readonly returns: Expr[];
  readonly decorators: Expr[];
  /** The scope of the class whose method it is. */
  readonly owner: Scope | null;
  /** Whether it is a generator. */
  yields: boolean;
  /** Scopes inside it that other chunks return from. */
  readonly open: SharedScope[];
}

export interface ClassInfo extends At {
  name: string | null;
  readonly bases: Expr[];
  readonly decorators: Expr[];
  /** Class-level fields and what methods assign to `self` or `this`. */
  readonly fields: Map<string, Binding[]>;
  readonly methods: Map<string, FunctionInfo>;
  /** Scopes inside it in which other chunks add fields and methods. */
  readonly open: SharedScope[];
}

/** `object.property = value`, for objects other than `self` and `this`. */
interface MemberAssignment {
  readonly target: MemberExpr;
  readonly value: Expr;
}

/** `for variable in iterable`, or a counting loop with its bound. */
export interface Loop extends At {
  readonly variable: string;
  readonly iterable: Expr | null;
  readonly bound: Expr | null;
}

class OwnScope implements Scope {
  readonly #ownClass: ClassInfo | null | undefined;
  readonly #ownFunction: FunctionInfo | null | undefined;
  readonly bindings = new Map<string, Binding[]>();
  shared: SharedScope | null = null;

  constructor(
    readonly parent: Scope | null,
    readonly kind: Scope['kind'],
    ownClass: ClassInfo | null | undefined,
    ownFunction: FunctionInfo | null | undefined,
  ) {
    this.#ownClass = ownClass;
    this.#ownFunction = ownFunction;
  }

  get classInfo(): ClassInfo | null {
    return this.#ownClass === undefined ? (this.parent?.classInfo ?? null) : this.#ownClass;
  }

  get functionInfo(): FunctionInfo | null {
    return this.#ownFunction === undefined
      ? (this.parent?.functionInfo ?? null)
      : this.#ownFunction;
  }
}

let scopes = 0;

/**
 * The scope that chunks are read in: the module's, or a long body's. It stays the same object while
 * the code around the body, which is read again after every edit in it, brings in ever new scopes.
 */
export class SharedScope implements Scope {
  readonly id = scopes++;
  #target: OwnScope;

  constructor(target: Scope) {
    this.#target = asOwn(target);
    this.#target.shared = this;
  }

  /** Takes the place of a scope that was read again. */
  standFor(target: Scope): void {
    this.#target = asOwn(target);
    this.#target.shared = this;
  }

  get shared(): this {
    return this;
  }
  get parent(): Scope | null {
    return this.#target.parent;
  }
  get kind(): Scope['kind'] {
    return this.#target.kind;
  }
  get bindings(): Map<string, Binding[]> {
    return this.#target.bindings;
  }
  get classInfo(): ClassInfo | null {
    return this.#target.classInfo;
  }
  get functionInfo(): FunctionInfo | null {
    return this.#target.functionInfo;
  }
}

function asOwn(scope: Scope): OwnScope {
  if (scope instanceof OwnScope) return scope;
  throw new TypeError('A shared scope is shared already.');
}

/** @param classInfo left out where it is the parent's, as is `functionInfo` */
export function newScope(
  parent: Scope | null,
  kind: Scope['kind'],
  classInfo?: ClassInfo | null,
  functionInfo?: FunctionInfo | null,
): Scope {
  return new OwnScope(parent, kind, classInfo, functionInfo);
}

/** The scope of a program's top-level statements. */
export function moduleScope(): SharedScope {
  return new SharedScope(newScope(null, 'module', null, null));
}

/** Whether an expression is `torch.no_grad()` or the like: what is under it trains nothing. */
export function runsOnly(expr: Expr): boolean {
  const callee = calledBy(expr);
  const name =
    callee.type === 'member' ? callee.property : callee.type === 'name' ? callee.name : '';
  return name === 'no_grad' || name === 'inference_mode' || name === 'inference_only';
}

/** `fixture` of the decorators `@fixture` and `@fixture(scope='module')`. */
export function calledBy(decorator: Expr): Expr {
  return decorator.type === 'call' ? decorator.callee : decorator;
}

/** The expressions that one puts together, without those of calls in it: a chunk lists them apart. */
export function partsOf(expr: Expr): readonly Expr[] {
  if (expr.type === 'array') return expr.items;
  if (expr.type === 'choice') return expr.options;
  return expr.type === 'binary' ? [expr.left, expr.right] : [];
}
