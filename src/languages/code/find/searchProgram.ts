import type { Clock } from '../../clock';
import type { FileRole } from '../../fileRoles';
import type { Findings, Library } from '../../site';
import type { Api } from '../knowledge/api';
import { changesBetween } from '../program/chunkChanges';
import { factsOf } from '../program/chunkFacts';
import { Changes, ChunkMemo } from '../program/chunkMemo';
import { callsIn, noNumbers, numbersIn, type ChunkCalls, type ChunkNumbers } from './chunkStages';
import { trainingsIn, type ChunkParts, type FoundTraining } from './chunkTrainings';
import { isSameEvidence, weigh, type Evidence } from './evidence';
import { idleTrainers } from './idleTrainers';
import { usesGlobals } from '../knowledge/imports';
import { ProgramFindings } from './programFindings';
import { Program } from '../program/program';
import type { Language } from '../program/programNames';
import { Reads } from '../program/reads';
import type { CallExpr, Chunk } from '../read/syntax';

type Role = Api['role'];

type Called = Pick<ChunkParts, 'chunk' | 'calls'>;
type Counted = Omit<ChunkParts, 'trainings'>;

/** What the whole program says, as far as it bears on what single chunks hold. */
interface Imports {
  readonly libraries: ReadonlySet<Library>;
  readonly star: string | null;
}

/**
 * Finds what decides a training's arithmetic in a program, and keeps what it found about each chunk
 * until the chunk, or something it was read from, changes. The stages ask for more and more of the
 * whole program: what a chunk shows by itself, what its calls are (given the libraries imported), its
 * numbers (given whether the program trains), its trainings (given which calls train).
 */
export class ProgramSearch {
  readonly #language: Language;
  readonly #clock: Clock;
  readonly #role: FileRole | null;
  readonly #program: Program;
  readonly #changes = new Changes();
  readonly #globals = new ChunkMemo<boolean>();
  readonly #calls = new ChunkMemo<ChunkCalls>();
  readonly #numbers = new ChunkMemo<ChunkNumbers>();
  readonly #trainings = new ChunkMemo<readonly FoundTraining[]>();
  readonly #findings: ProgramFindings;
  #imports: Imports = { libraries: new Set(), star: null };
  #evidence: Evidence | null = null;
  #before: readonly Chunk[] = [];

  /** @param role what the name of the program's file says */
  constructor(language: Language, clock: Clock, role: FileRole | null = null) {
    this.#language = language;
    this.#clock = clock;
    this.#role = role;
    this.#program = new Program(language, new Reads());
    this.#findings = new ProgramFindings(clock);
  }

  /**
   * @param chunks in order
   * @param texts the text of each cell, by which insertions follow the way the code is laid out
   */
  *search(chunks: readonly Chunk[], texts: readonly string[]): Generator<undefined, Findings> {
    const program = this.#program;
    const changes = this.#changes;
    const clock = this.#clock;
    for (const chunk of chunks) {
      factsOf(chunk);
      if (clock.isDue()) yield;
    }
    const { keys, moved } = yield* changesBetween(this.#before, chunks);
    this.#before = chunks;
    changes.add(keys);
    for (const chunk of moved) this.#forget(chunk);
    const gathering = program.gather(chunks, keys);
    while (!gathering.next().done) if (clock.isDue()) yield;
    const imports = yield* this.#importsOf(chunks);
    program.libraries = imports.libraries;
    program.star = imports.star;

    const called: Called[] = [];
    for (const chunk of chunks) {
      const find = (): ChunkCalls => callsIn(program, chunk);
      called.push({ chunk, calls: this.#calls.get(chunk, program, changes, [imports], find) });
      if (clock.isOver()) yield;
    }
    const evidence = this.#weigh(called);
    yield;
    const anyApi = called.some(({ calls }) => calls.apis.size > 0);
    const active = evidence.library !== null || evidence.trains || anyApi;
    const counted: Counted[] = [];
    for (const { chunk, calls } of called) {
      const find = (): ChunkNumbers => numbersIn(program, chunk, calls, evidence);
      const numbers = active
        ? this.#numbers.get(chunk, program, changes, [evidence, calls], find)
        : noNumbers;
      counted.push({ chunk, calls, numbers });
      if (clock.isOver()) yield;
    }
    const roles = rolesThatTrain(counted);
    yield;
    const textOf = ({ chunk }: CallExpr): string => texts[chunk.cell] ?? '';
    const parts: ChunkParts[] = [];
    for (const { chunk, calls, numbers } of counted) {
      const find = (): FoundTraining[] => trainingsIn(program, textOf, calls, numbers, roles);
      const trainings = this.#trainings.get(chunk, program, changes, [roles, calls, numbers], find);
      parts.push({ chunk, calls, numbers, trainings });
      if (clock.isOver()) yield;
    }
    const { library, tests } = evidence;
    const training = yield* withoutIdle(parts);
    yield;
    return yield* this.#findings.of({ parts: training, library, tests });
  }

  *#importsOf(chunks: readonly Chunk[]): Generator<undefined, Imports> {
    const program = this.#program;
    const changes = this.#changes;
    const libraries = new Set<Library>();
    let star: string | null = null;
    for (const chunk of chunks) {
      const facts = factsOf(chunk);
      for (const library of facts.libraries) libraries.add(library);
      star ??= facts.star;
    }
    for (const chunk of this.#language === 'javascript' ? chunks : []) {
      const look = (): boolean => usesGlobals(program, chunk);
      if (!libraries.has('tfjs') && this.#globals.get(chunk, program, changes, [], look))
        libraries.add('tfjs');
      if (this.#clock.isDue()) yield;
    }
    const before = this.#imports;
    const same =
      before.star === star &&
      before.libraries.size === libraries.size &&
      [...libraries].every((library) => before.libraries.has(library));
    if (!same) this.#imports = { libraries, star };
    return this.#imports;
  }

  #weigh(called: readonly Called[]): Evidence {
    const evidence = weigh(
      this.#program.libraries,
      called.map(({ chunk }) => factsOf(chunk)),
      called.map(({ calls }) => calls.evidence),
      called.some(({ calls }) => calls.apis.size > 0),
      called.map(({ calls }) => calls.regime),
      this.#role,
    );
    const before = this.#evidence;
    if (!before || !isSameEvidence(before, evidence)) this.#evidence = evidence;
    return this.#evidence ?? evidence;
  }

  #forget(chunk: Chunk): void {
    for (const memo of [this.#globals, this.#calls, this.#numbers, this.#trainings])
      memo.forget(chunk);
  }
}

/** All parts, and of those that have trainers which train nothing, no such trainings. */
function* withoutIdle(parts: readonly ChunkParts[]): Generator<undefined, readonly ChunkParts[]> {
  const idle = yield* idleTrainers(parts);
  if (idle.size === 0) return parts;
  return parts.map((part) =>
    part.trainings.some(({ call }) => idle.has(call))
      ? { ...part, trainings: part.trainings.filter(({ call }) => !idle.has(call)) }
      : part,
  );
}

const whole: ReadonlySet<Role> = new Set<Role>(['trains', 'settings']);
const batches: ReadonlySet<Role> = new Set<Role>(['batches']);

/** Which calls stand for trainings: those that train or hold its settings, else those that make batches. */
function rolesThatTrain(counted: readonly Counted[]): ReadonlySet<Role> {
  const trains = counted.some(({ calls, numbers }) =>
    [...calls.apis].some(([call, { role }]) => whole.has(role) && !numbers.evaluations.has(call)),
  );
  return trains ? whole : batches;
}
