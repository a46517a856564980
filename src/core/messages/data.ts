/** Problems with data files. */
export const dataMessages = {
  dataNotFound: 'The data file {path} does not exist.',
} as const;
