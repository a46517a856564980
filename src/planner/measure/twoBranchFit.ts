import { sum } from 'simple-statistics';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `y = atZero + slope·x` */
export interface Line {
  readonly atZero: number;
  readonly slope: number;
}

/** `y(x) = max(first(x), second(x))`: the first branch holds for small x, the second for large. */
interface TwoBranchFit {
  readonly first: Line;
  readonly second: Line;
  /** Share of the variance explained, at most 1; 1 where there is no variance. */
  readonly r2: number;
}

/**
 * Fits the larger of two lines to points with positive y. Errors count relatively, since sizes and
 * times span orders of magnitude. Every split of the points between the branches is tried, and a
 * second branch is only believed where it explains the points clearly better than one line does.
 * With `flatFirst` the first branch is level. Null without points.
 */
export function fitTwoBranches(
  unsorted: readonly Point[],
  { flatFirst }: { readonly flatFirst: boolean },
): TwoBranchFit | null {
  const points = [...unsorted].sort((a, b) => a.x - b.x);
  if (points.length === 0) return null;
  const candidates = splits(points, flatFirst).map((branches) => ({
    ...branches,
    cost: informationCost(points, branches),
  }));
  const best = candidates.reduce((a, b) => (b.cost < a.cost - 1e-9 ? b : a));
  return { first: best.first, second: best.second, r2: explained(points, best) };
}

/** The value of a fit at x. */
function valueOfFit(fit: Pick<TwoBranchFit, 'first' | 'second'>, x: number): number {
  return Math.max(valueOfLine(fit.first, x), valueOfLine(fit.second, x));
}

function valueOfLine(line: Line, x: number): number {
  return line.atZero + line.slope * x;
}

interface Branches {
  readonly first: Line;
  readonly second: Line;
  readonly parameters: number;
}

function splits(points: readonly Point[], flatFirst: boolean): Branches[] {
  const whole = relativeLine(points);
  const level = levelLine(points);
  const found: Branches[] = [{ first: level, second: level, parameters: 1 }];
  if (points.length > 1) {
    // Nothing was seen of the first branch: for times it is left at zero, for memory equal.
    found.push({
      first: flatFirst ? { atZero: 0, slope: 0 } : whole,
      second: whole,
      parameters: 2,
    });
  }
  for (let count = 1; count <= points.length - 2; count++) {
    const below = points.slice(0, count);
    const sloped = !flatFirst && count > 1;
    found.push({
      first: sloped ? relativeLine(below) : levelLine(below),
      second: relativeLine(points.slice(count)),
      parameters: sloped ? 4 : 3,
    });
  }
  return found;
}

/** Akaike's criterion with a floor under the error: 0.01% is as good as exact. */
function informationCost(points: readonly Point[], branches: Branches): number {
  const errors = points.map(({ x, y }) => ((y - valueOfFit(branches, x)) / y) ** 2);
  const mean = sum(errors) / points.length;
  return points.length * Math.log(mean + 1e-8) + 2 * branches.parameters;
}

function explained(points: readonly Point[], branches: Branches): number {
  const mean = sum(points.map(({ y }) => y)) / points.length;
  const total = sum(points.map(({ y }) => (y - mean) ** 2));
  const left = sum(points.map(({ x, y }) => (y - valueOfFit(branches, x)) ** 2));
  return total === 0 ? 1 : 1 - left / total;
}

/** The level that makes the sum of squared relative errors least. */
function levelLine(points: readonly Point[]): Line {
  const weights = points.map(({ y }) => 1 / y ** 2);
  return { atZero: sum(points.map(({ y }) => 1 / y)) / sum(weights), slope: 0 };
}

/** The line that makes the sum of squared relative errors least; never falling. */
function relativeLine(points: readonly Point[]): Line {
  const weights = points.map(({ y }) => 1 / y ** 2);
  const weight = sum(weights);
  const meanX = sum(points.map(({ x }, i) => x * (weights[i] ?? 0))) / weight;
  const meanY = sum(points.map(({ y }, i) => y * (weights[i] ?? 0))) / weight;
  const spread = sum(points.map(({ x }, i) => (weights[i] ?? 0) * (x - meanX) ** 2));
  const together = sum(points.map(({ x, y }, i) => (weights[i] ?? 0) * (x - meanX) * (y - meanY)));
  if (spread === 0 || together <= 0) return levelLine(points);
  const slope = together / spread;
  return { atZero: meanY - slope * meanX, slope };
}
