/** What a run of tests inside VS Code came to. */
export interface SuiteResults {
  passed: number;
  failures: { test: string; message: string }[];
  /** Full titles of tests that were not run. */
  skipped: string[];
}
