/** Problems with models, and of model and data together. */
export const modelMessages = {
  modelNotFound: 'The model file {path} does not exist.',
} as const;
