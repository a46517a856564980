/**
 * @typedef {import('./kinds.mjs').Kind} Kind
 * @typedef {import('./kinds.mjs').Preparation} Preparation
 */

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {string} command
 * @property {number} passed
 * @property {{ test: string, message: string }[]} failures
 * @property {{ what: string, why: string }[]} notRun
 * @property {number} seconds
 */

/**
 * Installs and builds everything that some kind of test needs, then runs the kinds. All of it comes
 * first: a test that finds its program missing skips itself, so a later installation would be too late.
 *
 * @param {object} plan
 * @param {readonly Kind[]} plan.kinds
 * @param {boolean} plan.isBuildServer what cannot run is a failure there
 * @param {Readonly<Record<Preparation, () => Promise<string | undefined>>>} plan.preparations in the
 *   order they are made; each resolves to why it could not be
 * @returns {Promise<Outcome[]>}
 */
export async function runKinds({ kinds, isBuildServer, preparations }) {
  const wanted = new Set(kinds.flatMap(({ needs, wants = [] }) => [...needs, ...wants]));
  /** @type {Map<string, string>} */
  const problems = new Map();
  for (const [name, prepare] of Object.entries(preparations)) {
    // Without the dependencies, nothing else can be prepared.
    const problem = problems.get('dependencies');
    if (!wanted.has(/** @type {Preparation} */ (name))) continue;
    const found = problem ?? (await prepare());
    if (found !== undefined) problems.set(name, found);
  }
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const together of inTurns(kinds)) {
    const ended = together.map((kind) => runKind(kind, problems, isBuildServer));
    outcomes.push(...(await Promise.all(ended)));
  }
  return outcomes;
}

/**
 * What runs at once, one after the other: neighbours on one core each, else one kind.
 *
 * @param {readonly Kind[]} kinds
 * @returns {Kind[][]}
 */
function inTurns(kinds) {
  /** @type {Kind[][]} */
  const turns = [];
  for (const kind of kinds) {
    const last = turns.at(-1);
    if (kind.onOneCore && last?.[0]?.onOneCore) last.push(kind);
    else turns.push([kind]);
  }
  return turns;
}

/**
 * @param {Kind} kind
 * @param {ReadonlyMap<string, string>} problems
 * @param {boolean} isBuildServer
 * @returns {Promise<Outcome>}
 */
async function runKind({ name, command, needs, run }, problems, isBuildServer) {
  console.log(`\n=== ${name}: ${command}`);
  const missing = needs.map((need) => problems.get(need)).find((why) => why !== undefined);
  if (missing !== undefined) {
    console.log(missing);
    const isOurFault = problems.has('dependencies') || problems.has('build');
    return isBuildServer || isOurFault
      ? outcome(name, command, { failures: [{ test: name, message: missing }] })
      : outcome(name, command, { notRun: [{ what: `all tests ${name}`, why: missing }] });
  }
  const started = performance.now();
  const { passed, failures, skipped } = await run();
  return outcome(name, command, {
    passed,
    failures,
    notRun: skipped.map((test) => ({ what: test, why: `the test itself skips here (${command})` })),
    seconds: (performance.now() - started) / 1000,
  });
}

/**
 * @param {string} name
 * @param {string} command
 * @param {Partial<Outcome>} counts
 * @returns {Outcome}
 */
function outcome(name, command, counts) {
  return { name, command, passed: 0, failures: [], notRun: [], seconds: 0, ...counts };
}
