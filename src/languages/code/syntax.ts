/**
 * The little of a program that the search needs, the same for every language: expressions, names and
 * where they are bound, calls, functions and classes. Offsets are relative to the chunk, so that a
 * chunk read once serves until its text changes, wherever edits elsewhere move it.
 */

/** A run of top-level statements that was read as one, and what stands in it. */
export interface Chunk {
  /** Offset of the chunk in its cell; set anew by every search. */
  base: number;
  cell: number;
  readonly bindings: Binding[];
  readonly calls: CallExpr[];
  readonly assignments: MemberAssignment[];
  readonly objects: ObjectExpr[];
  readonly classes: ClassInfo[];
  readonly functions: FunctionInfo[];
  readonly loops: Loop[];
  readonly comments: Comment[];
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
    comments: [],
    modules: [],
  };
}

interface At {
  readonly chunk: Chunk;
  readonly from: number;
  readonly to: number;
}

export type Place = At;

export interface Comment extends At {
  readonly text: string;
}

export interface NumberExpr extends At {
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
export interface SliceExpr extends At {
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
export interface ArrayExpr extends At {
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
export interface ChoiceExpr extends At {
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
export interface FunctionExpr extends At {
  readonly type: 'function';
  readonly info: FunctionInfo;
}
export interface OpaqueExpr extends At {
  readonly type: 'opaque';
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
  readonly bindings: Map<string, Binding[]>;
  /** The class whose body this is, or whose method. */
  readonly classInfo: ClassInfo | null;
  readonly functionInfo: FunctionInfo | null;
}

export interface FunctionInfo extends At {
  readonly name: string | null;
  readonly parameters: Binding[];
  readonly returns: Expr[];
  readonly decorators: Expr[];
  readonly classInfo: ClassInfo | null;
}

export interface ClassInfo extends At {
  readonly name: string | null;
  readonly bases: Expr[];
  readonly decorators: Expr[];
  /** Class-level fields and what methods assign to `self` or `this`. */
  readonly fields: Map<string, Binding[]>;
  readonly methods: Map<string, FunctionInfo>;
}

/** `object.property = value`, for objects other than `self` and `this`. */
export interface MemberAssignment {
  readonly target: MemberExpr;
  readonly value: Expr;
}

/** `for variable in iterable`, or a counting loop with its bound. */
export interface Loop extends At {
  readonly variable: string;
  readonly iterable: Expr | null;
  readonly bound: Expr | null;
}

export function newScope(
  parent: Scope | null,
  kind: Scope['kind'],
  classInfo: ClassInfo | null = parent?.classInfo ?? null,
  functionInfo: FunctionInfo | null = parent?.functionInfo ?? null,
): Scope {
  return { parent, kind, bindings: new Map(), classInfo, functionInfo };
}
