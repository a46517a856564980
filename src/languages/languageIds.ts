/** The editor languages in which sites are found. */
export const languageIds = [
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'python',
  'yaml',
  'json',
  'jsonc',
  'toml',
  'shellscript',
  'makefile',
] as const;

export type LanguageId = (typeof languageIds)[number];
