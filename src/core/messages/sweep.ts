/** What can go wrong, or be told, while a sweep runs. */
export const sweepMessages = {
  workerDied: 'The training process ended unexpectedly ({cause}).',
} as const;
