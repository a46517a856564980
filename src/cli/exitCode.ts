/** What the terminal's commands end with. */
export const exitCode = {
  done: 0,
  failed: 1,
  /** Usage, config or data error. */
  usage: 2,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
