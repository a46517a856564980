import { parser as javascriptParser } from '@lezer/javascript';
import { parser as pythonParser } from '@lezer/python';
import { Clock } from './clock';
import type { Language } from './code/program/programNames';
import { ChunkReader } from './code/read/readChunks';
import { javascriptInChunks } from './code/read/readJavaScript';
import { pythonInChunks } from './code/read/readPython';
import { ProgramSearch } from './code/find/searchProgram';
import { moduleScope, type Chunk, type SharedScope } from './code/read/syntax';
import { roleOfFile, type FileRole } from './fileRoles';
import { ParsedText } from './parsedDocument';
import { searchCommands } from './shell/searchCommands';
import { joined, moved } from './findings';
import { nothingFound, type Findings } from './site';

/** A code cell as it is now. */
export interface NotebookCell {
  /** Stays the same while the cell lives, wherever it is moved. */
  readonly id: string;
  readonly languageId: string;
  readonly text: string;
}

const languages: Record<string, Language> = {
  python: 'python',
  javascript: 'javascript',
  typescript: 'javascript',
};

interface ReadCell {
  text: string;
  readonly languageId: string;
  readonly language: Language;
  readonly parsed: ParsedText<readonly Chunk[]>;
}

/**
 * A notebook: cells of one language are one program in the order they stand in, so that constants
 * of earlier cells flow into later ones. Spans name the cell by its index in `update`'s list.
 */
export class NotebookParser {
  #cells = new Map<string, ReadCell>();
  #order: readonly NotebookCell[] = [];
  #found: Findings | null = null;
  #steps: Generator<undefined, Findings> | null = null;
  #ran = new Map<string, CommandsOfCell>();
  readonly #clock = new Clock();
  readonly #programs: Record<Language, NotebookProgram>;

  /** @param fileName says what programs are that make no updates; null for untitled notebooks */
  constructor(fileName: string | null = null) {
    const role = roleOfFile(fileName);
    this.#programs = {
      python: new NotebookProgram('python', this.#clock, role),
      javascript: new NotebookProgram('javascript', this.#clock, role),
    };
  }

  /** The findings over all cells; null until `work` returned true. */
  get findings(): Findings | null {
    return this.#found;
  }

  /** Takes the notebook's cells (markup cells left out or not); unchanged ones are not read again. */
  update(cells: readonly NotebookCell[]): void {
    const kept = new Map<string, ReadCell>();
    for (const { id, languageId, text } of cells) {
      const language = Object.hasOwn(languages, languageId) ? languages[languageId] : undefined;
      if (!language) continue;
      const known = this.#cells.get(id);
      const cell = known?.languageId === languageId ? known : this.#newCell(languageId, language);
      kept.set(id, cell);
      if (cell === known && cell.text === text) continue;
      cell.text = text;
      cell.parsed.update(language === 'python' ? withoutMagics(text) : text, null);
    }
    this.#cells = kept;
    this.#order = cells;
    this.#found = null;
    this.#steps = null;
  }

  /** Works for at most about `milliseconds`; true when every cell is parsed and searched. */
  work(milliseconds: number): boolean {
    if (this.#found) return true;
    this.#clock.start(milliseconds);
    for (const { parsed } of this.#cells.values()) {
      if (!parsed.work(this.#clock.remaining)) return false;
    }
    this.#steps ??= this.#search();
    for (;;) {
      const next = this.#steps.next();
      if (next.done) {
        this.#found = next.value;
        this.#steps = null;
        return true;
      }
      if (this.#clock.isOver()) return false;
    }
  }

  #newCell(languageId: string, language: Language): ReadCell {
    const parser =
      language === 'python'
        ? pythonParser
        : javascriptParser.configure({ dialect: languageId === 'typescript' ? 'ts' : 'jsx' });
    const reader = this.#programs[language].newReader();
    const parsed = new ParsedText<readonly Chunk[]>(
      parser,
      (source, tree, clock) => reader.read(source, tree, 0, clock),
      [],
    );
    return { text: '', languageId, language, parsed };
  }

  *#search(): Generator<undefined, Findings> {
    return yield* joined([
      yield* this.#searchIn('python'),
      yield* this.#searchIn('javascript'),
      ...(yield* this.#commands()),
    ]);
  }

  /** What the commands of cells train: `!python train.py --batch-size 8`. */
  *#commands(): Generator<undefined, Findings[]> {
    const found: Findings[] = [];
    const kept = new Map<string, CommandsOfCell>();
    for (const [cell, { id }] of this.#order.entries()) {
      const read = this.#cells.get(id);
      const script = read?.language === 'python' ? commandsIn(read.text) : null;
      if (script === null) continue;
      let known = this.#ran.get(id);
      if (known?.script !== script || known.cell !== cell)
        known = {
          script,
          cell,
          findings: moved(yield* searchCommands(script), (span) => ({ ...span, cell })),
        };
      kept.set(id, known);
      found.push(known.findings);
    }
    this.#ran = kept;
    return found;
  }

  *#searchIn(language: Language): Generator<undefined, Findings> {
    const chunks: Chunk[] = [];
    this.#order.forEach(({ id }, index) => {
      const cell = this.#cells.get(id);
      if (cell?.language !== language) return;
      for (const chunk of cell.parsed.result ?? []) {
        chunk.cell = index;
        chunks.push(chunk);
      }
    });
    if (chunks.length === 0) return nothingFound;
    const texts = this.#order.map(({ text }) => text);
    return yield* this.#programs[language].search.search(chunks, texts);
  }
}

/** The cells of one language: they share the module's scope. */
class NotebookProgram {
  readonly #language: Language;
  readonly #module: SharedScope = moduleScope();
  readonly search: ProgramSearch;

  constructor(language: Language, clock: Clock, role: FileRole | null) {
    this.#language = language;
    this.search = new ProgramSearch(language, clock, role);
  }

  newReader(): ChunkReader {
    return new ChunkReader(
      this.#language === 'python' ? pythonInChunks : javascriptInChunks,
      this.#module,
    );
  }
}

/** What the commands of a cell were found to train. */
interface CommandsOfCell {
  readonly script: string;
  readonly cell: number;
  readonly findings: Findings;
}

const shellMagics = new Set(['bash', 'sh', 'shell', '!']);

/** The commands of a cell, every offset kept: its lines after `!`, or all of `%%bash`; null for none. */
function commandsIn(text: string): string | null {
  const first = text.trimStart();
  const magic = first.startsWith('%%') ? (first.slice(2).split(/\s/, 1)[0] ?? '') : null;
  if (magic !== null)
    return shellMagics.has(magic) ? text.replace(/%%.*/, (line) => ' '.repeat(line.length)) : null;
  if (!/^[ \t]*!/m.test(text)) return null;
  let goesOn = false;
  return text
    .split('\n')
    .map((line) => {
      const isCommand = goesOn || line.trimStart().startsWith('!');
      goesOn = isCommand && line.trimEnd().endsWith('\\');
      return isCommand ? line.replace(/^([ \t]*)!/, '$1 ') : ' '.repeat(line.length);
    })
    .join('\n');
}

/** Cell magics whose body is no Python; those of a notebook's own mostly run it with something more. */
const foreignMagics = new Set(
  'bash sh script shell cmd powershell html javascript js latex markdown svg perl ruby sql bigquery sparksql R cython cpp cu file system ! graphql cypher prql duckdb'.split(
    ' ',
  ),
);

function isForeign(text: string): boolean {
  const [line = ''] = text.trimStart().split('\n', 1);
  if (!line.startsWith('%%')) return false;
  const [magic = '', ...rest] = line.slice(2).trim().split(' ');
  // `%%writefile train.py` holds a program.
  if (magic === 'writefile') return !rest.some((word) => word.endsWith('.py'));
  return foreignMagics.has(magic);
}

/**
 * IPython's lines that are no Python (`!pip install x`, `%matplotlib inline`) as comments of the same
 * length; a cell for another interpreter (`%%bash`) becomes one whole comment.
 */
function withoutMagics(text: string): string {
  const foreign = isForeign(text);
  let goesOn = false;
  return text
    .split('\n')
    .map((line) => {
      const plain = line.trimStart();
      const magic = foreign || goesOn || plain.startsWith('%') || plain.startsWith('!');
      goesOn = magic && line.trimEnd().endsWith('\\');
      if (!magic || plain === '') return line;
      const indent = line.length - plain.length;
      return `${line.slice(0, indent)}#${plain.slice(1)}`;
    })
    .join('\n');
}

/** Parses and searches the cells without a pause. */
export function findSitesInCells(
  cells: readonly NotebookCell[],
  fileName: string | null = null,
): Findings {
  const notebook = new NotebookParser(fileName);
  notebook.update(cells);
  notebook.work(Infinity);
  return notebook.findings ?? nothingFound;
}
