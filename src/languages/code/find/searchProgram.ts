import type { Clock } from '../../clock';
import type { Findings, Library } from '../../site';
import type { Api } from '../knowledge/api';
import { Assembly } from './assemble';
import { changesBetween } from '../program/chunkChanges';
import { factsOf } from '../program/chunkFacts';
import { Changes, ChunkMemo } from '../program/chunkMemo';
import { callsIn, numbersIn, type ChunkCalls, type ChunkNumbers } from './chunkStages';
import { trainingsIn, type FoundTraining } from './chunkTrainings';
import { weigh, type Evidence } from './evidence';
import { usesGlobals } from '../knowledge/imports';
import { Program } from '../program/program';
import type { Language } from '../program/programNames';
import { Reads } from '../program/reads';
import type { CallExpr, Chunk } from '../read/syntax';

type Role = Api['role'];

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
  readonly #program: Program;
  readonly #changes = new Changes();
  readonly #globals = new ChunkMemo<boolean>();
  readonly #calls = new ChunkMemo<ChunkCalls>();
  readonly #numbers = new ChunkMemo<ChunkNumbers>();
  readonly #trainings = new ChunkMemo<readonly FoundTraining[]>();
  #imports: Imports = { libraries: new Set(), star: null };
  #evidence: Evidence | null = null;
  #before: readonly Chunk[] = [];

  constructor(language: Language, clock: Clock) {
    this.#language = language;
    this.#clock = clock;
    this.#program = new Program(language, new Reads());
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
    const { keys, moved } = changesBetween(this.#before, chunks);
    this.#before = chunks;
    changes.add(keys);
    for (const chunk of moved) this.#forget(chunk);
    const gathering = program.gather(chunks);
    while (!gathering.next().done) if (clock.isDue()) yield;
    const imports = yield* this.#importsOf(chunks);
    program.libraries = imports.libraries;
    program.star = imports.star;

    const calls: ChunkCalls[] = [];
    for (const chunk of chunks) {
      calls.push(
        this.#calls.get(chunk, program, changes, [imports], () => callsIn(program, chunk)),
      );
      if (clock.isOver()) yield;
    }
    const evidence = this.#weigh(chunks, calls);
    const anyApi = calls.some(({ apis }) => apis.size > 0);
    const active = evidence.library !== null || evidence.trains || anyApi;
    const numbers: ChunkNumbers[] = [];
    for (const [index, chunk] of active ? chunks.entries() : []) {
      const own = calls[index];
      if (!own) continue;
      numbers.push(
        this.#numbers.get(chunk, program, changes, [evidence, own], () =>
          numbersIn(program, chunk, own, evidence),
        ),
      );
      if (clock.isOver()) yield;
    }
    const roles = rolesThatTrain(calls, numbers);
    const textOf = ({ chunk }: CallExpr): string => texts[chunk.cell] ?? '';
    const trainings: (readonly FoundTraining[])[] = [];
    for (const [index, chunk] of chunks.entries()) {
      const [own, found] = [calls[index], numbers[index]];
      if (!own || !found) continue;
      trainings.push(
        this.#trainings.get(chunk, program, changes, [roles, own, found], () =>
          trainingsIn(program, textOf, own, found, roles),
        ),
      );
      if (clock.isOver()) yield;
    }
    const { library, tests } = evidence;
    const parts = { chunks, calls, numbers, trainings, library, tests };
    return yield* new Assembly(parts, clock).findings();
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

  #weigh(chunks: readonly Chunk[], calls: readonly ChunkCalls[]): Evidence {
    const anyApi = calls.some(({ apis }) => apis.size > 0);
    const evidence = weigh(
      this.#program.libraries,
      chunks.map(factsOf),
      calls.map((chunk) => chunk.evidence),
      anyApi,
      calls.map(({ regime }) => regime),
    );
    const before = this.#evidence;
    const same =
      before?.library === evidence.library &&
      before.trains === evidence.trains &&
      before.infersOnly === evidence.infersOnly &&
      before.tests === evidence.tests &&
      before.perProcess === evidence.perProcess;
    if (!same) this.#evidence = evidence;
    return this.#evidence ?? evidence;
  }

  #forget(chunk: Chunk): void {
    for (const memo of [this.#globals, this.#calls, this.#numbers, this.#trainings])
      memo.forget(chunk);
  }
}

const whole: ReadonlySet<Role> = new Set<Role>(['trains', 'settings']);
const parts: ReadonlySet<Role> = new Set<Role>(['batches']);

/** Which calls stand for trainings: those that train or hold its settings, else those that make batches. */
function rolesThatTrain(
  calls: readonly ChunkCalls[],
  numbers: readonly ChunkNumbers[],
): ReadonlySet<Role> {
  const trains = calls.some(({ apis }, index) =>
    [...apis].some(([call, { role }]) => whole.has(role) && !numbers[index]?.evaluations.has(call)),
  );
  return trains ? whole : parts;
}
